#include "neighbours/few_atoms.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "neighbours/cell_grid.hpp"

namespace soapstone {
namespace {

// Up to here trying all pairs is faster; measured with molecules of the density of ethanol.
constexpr std::size_t kFew = 64;

// Three coordinates and one that does not matter.
using Four = double __attribute__((vector_size(4 * sizeof(double))));

}  // namespace

bool is_few_atoms(const StructureView& structure) {
  return structure.size <= kFew && !(structure.pbc[0] | structure.pbc[1] | structure.pbc[2]);
}

void find_among_few(const StructureView& structure, double cutoff, NeighbourList& list) {
  const std::size_t n = structure.size;
  Four position[kFew];
  for (std::size_t i = 0; i < n; ++i) {
    const double* r = structure.positions + 3 * i;
    check_position(r, i);
    position[i] = Four{r[0], r[1], r[2], 0};
  }
  // Room for all pairs, and for what is stored behind the last one.
  const std::size_t room = n * n + 2;
  list.first.resize(n + 1);
  list.neighbour.resize(room);
  list.vector.resize(3 * room);
  const double cutoff2 = cutoff * cutoff;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < n; ++i) {
    list.first[i] = static_cast<std::int64_t>(pairs);
    for (std::size_t j = 0; j < n; ++j) {
      // Written in any case and kept by advancing: no branch to mispredict.
      const Four d = position[j] - position[i];
      std::memcpy(&list.vector[3 * pairs], &d, sizeof d);
      list.neighbour[pairs] = static_cast<std::int32_t>(j);
      pairs +=
          static_cast<std::size_t>((d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < cutoff2) & (j != i));
    }
  }
  list.first[n] = static_cast<std::int64_t>(pairs);
  list.neighbour.resize(pairs);
  list.vector.resize(3 * pairs);
  list.shift.assign(3 * pairs, 0);
}

}  // namespace soapstone
