#pragma once

#include <cstddef>
#include <vector>

#include "common/structures.hpp"
#include "kernels/environment_tile.hpp"
#include "neighbours/shard.hpp"

namespace soapstone {

/// Centres of one species, which meet the same sparse points and go through matrix products
/// together.
struct EnergyTile {
  std::size_t channel;
  std::vector<std::size_t> centres;  ///< atoms of a shard
};

/// Shares the atoms of a shard out among tiles: of as many centres as stay in the second-level
/// cache with their products, or fewer where there would be less than one for each thread.
std::vector<EnergyTile> energy_tiles(const BatchView& batch, const Shard& shard,
                                     const SphericalExpansion& expansion, int threads);

/// Fills a tile's environments with those of centres of a shard.
void fill_tile(const BatchView& batch, const Shard& shard, const std::vector<std::size_t>& centres,
               const Representation& representation, bool derivatives,
               EnvironmentTile& environments);

/// Takes derivatives with respect to normalised features back to the pairs of an environment.
class PairGradients {
 public:
  /// `gradient`: ∂E/∂p̂ of centre c of a tile, overwritten; `pairs`: ∂E/∂r_ij of the pairs of its
  /// structure.
  void set(const Representation& representation, const EnvironmentTile& environments, std::size_t c,
           double* gradient, double* pairs);

 private:
  AlignedVector coefficients_;
  std::vector<double> neighbours_;
};

/// Where predictions of one structure go; null what is not wanted.
struct StructurePredictions {
  double* energy;  ///< eV
  double* forces;  ///< atoms × 3, eV/Å, −∂E/∂r
  double* stress;  ///< 9, eV/Å³, (1/V) ∂E/∂ε; zero where V = 0
};

/// Adds up energies of atoms and, for forces and stress, ∂E/∂r_ij of pairs.
void sum_structure(const StructureView& structure, const NeighbourList& list,
                   const double* atom_energies, const double* pair_gradient,
                   const StructurePredictions& out);

}  // namespace soapstone
