#include "kernels.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "kernels/kernel_rows.hpp"
#include "kernels/sparse_kernel.hpp"
#include "math/packed_gemm.hpp"
#include "neighbours/neighbour_list.hpp"
#include "regression/selection.hpp"
#include "regression/sparse_fit.hpp"
#include "regression/sparse_potential.hpp"
#include "representations/batch.hpp"
#include "representations/jacobian.hpp"
#include "representations/power_spectrum.hpp"
#include "timing.hpp"

// Operations are those that the method needs, by the formulas given beside, not those that are
// executed: padding, address arithmetic and square roots are not counted. n radial functions, L =
// (l_max + 1)², S species, F features, M sparse points, J neighbours.

namespace soapstone::bench {
namespace {

constexpr std::size_t kMostPoints = 500;
constexpr int kZeta = 4;
const Execution kOneThread{1, nullptr, nullptr};

/// The structure and all that the kernels start from.
class Bench {
 public:
  Bench(const OwnedStructure& owned, const std::function<void(const Kernel&)>& report)
      : owned_(owned), structure_(owned.view()), report_(report) {
    std::vector<std::int32_t> species = owned.species;
    std::sort(species.begin(), species.end());
    species.erase(std::unique(species.begin(), species.end()), species.end());
    representation_ =
        std::make_shared<PowerSpectrum>(DensityParameters{}, BasisParameters{}, species);
    expansion_ = &representation_->expansion();
    find_neighbours(structure_, expansion_->cutoff(), list_);
    atoms_ = static_cast<double>(structure_.size);
    pairs_ = static_cast<double>(list_.pairs());
    n_ = static_cast<double>(expansion_->radial_count());
    l_ = static_cast<double>(expansion_->angular_count());
    s_ = static_cast<double>(expansion_->channels());
    f_ = static_cast<double>(representation_->features());
    environments_.resize(structure_.size);
    features_.resize(structure_.size * representation_->features());
    for (std::size_t i = 0; i < structure_.size; ++i) {
      expansion_->compute(structure_, list_, i, true, environments_[i]);
      representation_->values(environments_[i], row(i));
    }
    choose_points();
  }

  void neighbours() {
    NeighbourList list;
    run({"neighbour list", "pair", pairs_, 8.0 * pairs_, 40.0 * pairs_,
         "8: the length of a vector; 40 bytes written", 0.0},
        [&] { find_neighbours(structure_, expansion_->cutoff(), list); });
  }

  void harmonics() {
    const SphericalHarmonics harmonics(expansion_->max_angular());
    // As many as an atom has neighbours, and often enough to be timed.
    constexpr std::size_t kDirections = 32, kTimes = 100;
    AlignedVector directions(3 * kDirections), values(harmonics.size() * kDirections);
    AlignedVector gradients(3 * values.size());
    for (std::size_t j = 0; j < kDirections; ++j) {
      const double angle = 0.1 * static_cast<double>(j), z = std::cos(0.7 * angle);
      directions[j] = std::sqrt(1 - z * z) * std::cos(angle);
      directions[kDirections + j] = std::sqrt(1 - z * z) * std::sin(angle);
      directions[2 * kDirections + j] = z;
    }
    const double half = 0.5 * (l_ + std::sqrt(l_));  // functions with m ≥ 0
    const double count = kDirections * kTimes;
    const auto compute = [&](double* out) {
      for (std::size_t k = 0; k < kTimes; ++k) {
        harmonics.compute(directions.data(), kDirections, kDirections, values.data(), out);
      }
    };
    run({"harmonics", "direction", count, 7 * half * count, 0.0, "7 for each m ≥ 0", 0.0},
        [&] { compute(nullptr); });
    run({"harmonics with gradient", "direction", count, 42 * half * count, 0.0, "42 for each m ≥ 0",
         0.0},
        [&] { compute(gradients.data()); });
  }

  /// Radial splines, harmonics and their products; operations of the forward expansion of one pair.
  double expansion_flops() const {
    return 11 * n_ * std::sqrt(l_) + 7 * 0.5 * (l_ + std::sqrt(l_)) + 2 * n_ * l_;
  }

  void expansion() {
    Environment environment;
    for (const bool derivatives : {false, true}) {
      const double more =
          derivatives ? 11 * n_ * std::sqrt(l_) + 35 * 0.5 * (l_ + std::sqrt(l_)) : 0;
      run({derivatives ? "density expansion, kept for derivatives" : "density expansion", "pair",
           pairs_, pairs_ * (expansion_flops() + more), 0.0,
           derivatives ? "22 n √L splines + harmonics with gradient + 2 n L"
                       : "11 n √L splines + harmonics + 2 n L",
           0.0},
          [&] {
            for (std::size_t i = 0; i < structure_.size; ++i) {
              expansion_->compute(structure_, list_, i, derivatives, environment);
            }
          });
    }
    AlignedVector gradient(expansion_->coefficients_size(), 1.0);
    std::vector<double> pair_gradient(3 * list_.pairs() + 3 * kLanes);
    run({"density adjoint", "pair", pairs_, pairs_ * (4 * n_ * l_ + 8 * l_), 0.0, "4 n L + 8 L",
         0.0},
        [&] {
          for (const Environment& e : environments_) {
            expansion_->adjoint(e, gradient.data(), pair_gradient.data());
          }
        });
  }

  void power_spectrum() {
    run({"power spectrum", "atom", atoms_, atoms_ * 2 * f_ * std::sqrt(l_), 8 * atoms_ * f_,
         "2 √L F on average; 8 F bytes written", 0.0},
        [&] {
          for (std::size_t i = 0; i < structure_.size; ++i) {
            representation_->values(environments_[i], row(i));
          }
        });
    AlignedVector gradient(expansion_->coefficients_size());
    run({"power spectrum adjoint", "atom", atoms_, atoms_ * 2 * n_ * n_ * l_ * s_ * s_,
         8 * atoms_ * f_, "2 n² L S²; 8 F bytes read", 0.0},
        [&] {
          for (std::size_t i = 0; i < structure_.size; ++i) {
            representation_->adjoint(environments_[i], row(i), gradient.data());
          }
        });
    const Jacobian jacobian(*representation_, owned_.batch(), kOneThread);
    const std::size_t centres = std::min<std::size_t>(structure_.size, 128);
    const auto count = static_cast<double>(jacobian.first()[centres]);
    const double moved = static_cast<double>(list_.first[centres]);
    std::vector<double> rows(static_cast<std::size_t>(3 * count * f_));
    run({"Jacobian", "row", count, moved * (6 * n_ * n_ * l_ * s_ + 12 * n_ * l_), 24 * count * f_,
         "6 n² L S + 12 n L per pair; 24 F bytes written", 0.0},
        [&] { jacobian.compute(0, centres, kOneThread, rows.data()); });
  }

  void kernel() {
    const auto m = static_cast<double>(kernel_->size());
    const PackedMatrix packed(kernel_->points(), 1, representation_->features(),
                              representation_->features(), kernel_->size());
    AlignedVector product(structure_.size * packed.padded_columns());
    run({"kernel matrix (GEMM)", "kernel", atoms_ * m, 2 * atoms_ * m * f_, 0.0, "2 F", 0.0}, [&] {
      packed_product(features_.data(), representation_->features(), structure_.size, packed, 0,
                     packed.panels(), product.data(), packed.padded_columns());
    });

    std::vector<double> energy(kernel_->size()), positions(3 * structure_.size * kernel_->size());
    const KernelRowBuilder builder(*kernel_, kOneThread);
    KernelRows out{structure_, &list_, kernel_->size(), energy.data(), positions.data()};
    out.last = structure_.size;
    run({"kernel rows with forces", "atom", atoms_, row_flops(), 0.0,
         "6 J M (features a neighbour touches) + 2 F M", 0.0},
        [&] {
          std::fill(positions.begin(), positions.end(), 0.0);
          builder.add({out}, {1, nullptr, nullptr});
        });
  }

  void regression() {
    const auto m = static_cast<double>(kernel_->size());
    double squares = 0.0;  // of the channels' numbers of points
    for (std::size_t a = 0; a + 1 < kernel_->first().size(); ++a) {
      squares += std::pow(kernel_->first()[a + 1] - kernel_->first()[a], 2);
    }
    SparseFit fit(kernel_);
    const double energy = 0.0;
    const std::vector<double> forces(3 * structure_.size, 0.0);
    const std::uint8_t held_out = 0;
    run({"training: rows, whitening, covariance", "atom", atoms_,
         row_flops() + 3 * atoms_ * (squares + m * m), 0.0, "kernel rows + 3 (M² + M²)", 0.0},
        [&] {
          fit.add(owned_.batch(), {&energy, forces.data(), nullptr}, &held_out, kOneThread);
        });

    const SparsePotential potential(kernel_, std::vector<double>(kernel_->size(), 1.0),
                                    std::vector<double>(static_cast<std::size_t>(s_), 0.0),
                                    kOneThread);
    double kernels = 0.0;
    for (std::size_t i = 0; i < structure_.size; ++i) kernels += points_of(channel(i));
    std::vector<double> energies(1), result(3 * structure_.size);
    run({"energy + forces", "atom", atoms_,
         4 * f_ * kernels + atoms_ * (2 * f_ * std::sqrt(l_) + 2 * n_ * n_ * l_ * s_ * s_) +
             pairs_ * (2 * expansion_flops() + 4 * n_ * l_ + 8 * l_),
         0.0, "4 F M + power spectrum, expansion and their adjoints", 0.0},
        [&] {
          Predictions predictions;
          predictions.energy = energies.data();
          predictions.forces = result.data();
          potential.predict(owned_.batch(), predictions, kOneThread);
        });

    const std::size_t picked = structure_.size / 4;
    run({"farthest points", "pick", static_cast<double>(picked),
         2 * atoms_ * f_ * static_cast<double>(picked), 0.0, "2 A F; the matrix is in the cache",
         0.0},
        [&] {
          farthest_points(features_.data(), structure_.size, representation_->features(), picked, 0,
                          kOneThread);
        });
  }

 private:
  double* row(std::size_t atom) { return features_.data() + atom * representation_->features(); }

  std::size_t channel(std::size_t atom) const {
    return expansion_->channel_of(structure_.species[atom]);
  }

  double points_of(std::size_t channel) const {
    return static_cast<double>(kernel_->first()[channel + 1] - kernel_->first()[channel]);
  }

  /// The structure's own environments, evenly, are the sparse points.
  void choose_points() {
    const std::size_t every = (structure_.size + kMostPoints - 1) / kMostPoints;
    std::vector<double> points;
    std::vector<std::size_t> first{0};
    for (std::size_t a = 0; a < expansion_->channels(); ++a) {
      std::size_t count = 0;
      for (std::size_t i = 0, seen = 0; i < structure_.size; ++i) {
        if (channel(i) != a || seen++ % every != 0) continue;
        points.insert(points.end(), row(i), row(i) + representation_->features());
        ++count;
      }
      first.push_back(first.back() + count);
    }
    kernel_ = std::make_shared<SparseKernel>(representation_, points.data(), first, kZeta);
  }

  double row_flops() const {
    double flops = 0.0;
    for (std::size_t i = 0; i < structure_.size; ++i) {
      const double points = points_of(channel(i));
      flops += 2 * f_ * points;
      for (std::int64_t p = list_.first[i]; p < list_.first[i + 1]; ++p) {
        const auto moved = static_cast<std::size_t>(list_.neighbour[static_cast<std::size_t>(p)]);
        flops += 6 * points * static_cast<double>(representation_->touched(channel(moved)).size());
      }
    }
    return flops;
  }

  template <typename Call>
  void run(Kernel kernel, const Call& call) {
    kernel.seconds = fastest(call);
    report_(kernel);
  }

  const OwnedStructure& owned_;
  StructureView structure_;
  const std::function<void(const Kernel&)>& report_;
  std::shared_ptr<const PowerSpectrum> representation_;
  const SphericalExpansion* expansion_;
  NeighbourList list_;
  double atoms_, pairs_, n_, l_, s_, f_;
  std::vector<Environment> environments_;
  std::vector<double> features_;
  std::shared_ptr<const SparseKernel> kernel_;
};

}  // namespace

void measure_kernels(const OwnedStructure& structure,
                     const std::function<void(const Kernel&)>& report) {
  Bench bench(structure, report);
  bench.neighbours();
  bench.harmonics();
  bench.expansion();
  bench.power_spectrum();
  bench.kernel();
  bench.regression();
}

}  // namespace soapstone::bench
