#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "neighbours/cell_grid.hpp"

namespace soapstone {

/// The atoms and images that may be neighbours of the centres in one bin of a grid: those within
/// the cutoff of the box around these centres. They are found once for all of them.
///
/// Arrays are padded with atoms at infinity to a multiple of kLanes, so that loops over them need
/// no remainder: every pair is then computed by the same instructions, from both of its ends.
class Candidates {
 public:
  static constexpr std::size_t kLanes = 16;

  /// Finds the candidates of a bin, in no particular order.
  void gather(const CellGrid& grid, double cutoff, std::int32_t bin);

  /// Puts them into ascending order of (atom, lattice shift).
  void sort(const CellGrid& grid);

  /// Copies their coordinates; comes after gather, and sort where the order matters.
  void load(const CellGrid& grid);

  /// Prepares squared_distances for centres that were wrapped by `wrap` lattice translations.
  void set_centre_wrap(const CellGrid& grid, const std::int32_t* wrap);

  /// Squared lengths (Å²) of the vectors from `centre`, a position as given, to all candidates.
  const std::vector<double>& squared_distances(const double* centre);

  /// r_ij from a centre at r_i (as given) to candidate c. It changes sign exactly, to the last bit,
  /// when the pair is seen from its other end.
  void vector_to(std::size_t c, const double* centre, double* out) const {
    for (int x = 0; x < 3; ++x) out[x] = (position_[x][c] - centre[x]) + translation_[x][c];
  }

  /// S of that vector.
  void shift_to(std::size_t c, std::int32_t* out) const {
    for (int k = 0; k < 3; ++k) out[k] = image_[k][c] + wrap_[k];
  }

  std::int32_t atom(std::size_t c) const { return atom_[c]; }

 private:
  struct Found {
    std::int32_t slot;
    std::int32_t image;  ///< index in images_
  };
  struct Image {
    std::int32_t shift[3];
  };

  void gather_bin(const CellGrid& grid, const Box& centres, double reach2, std::int32_t bin,
                  const Image& image);

  std::vector<Found> found_, spare_;
  std::vector<Image> images_;
  std::vector<std::int32_t> selected_;  // slots of one bin
  std::vector<double> gap2_;            // of the slots of one bin
  std::vector<std::int32_t> atom_;
  std::vector<double> position_[3];     // as given, Å
  std::vector<std::int32_t> image_[3];  // S for a centre that was not wrapped
  std::int32_t wrap_[3] = {};           // of the centres for which translation_ holds
  std::vector<double> translation_[3];  // S · H, Å
  std::vector<double> distance2_;
};

/// Writes the indices c < size with values[c] < limit to `out`, ascending, and returns their
/// number. `size` is a multiple of Candidates::kLanes; `out` has room for `size` indices.
std::size_t indices_below(const double* values, std::size_t size, double limit, std::int32_t* out);

}  // namespace soapstone
