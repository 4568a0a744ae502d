#include "analysis/nearest_neighbours.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace soapstone {

void nearest_neighbours(const Points& x, const Points& y, bool same, std::size_t count,
                        std::int32_t* indices, double* distances, const Execution& execution) {
  using Index = Eigen::Index;
  using Candidate = std::pair<double, Index>;
  const Distances all(x, y);
  // A few more than are wanted: products round, and the last ones may change places.
  const std::size_t available = static_cast<std::size_t>(y.rows()) - (same ? 1 : 0);
  const std::size_t kept = std::min(available, count + 4);
  // For each row a heap of the best so far, the worst of them on top.
  std::vector<std::vector<Candidate>> best(static_cast<std::size_t>(x.rows()));
  const auto finish = [&](std::size_t row) {
    auto& heap = best[row];
    for (Candidate& candidate : heap) {
      candidate.first = all.square(static_cast<Index>(row), candidate.second);
    }
    std::sort(heap.begin(), heap.end());
    for (std::size_t k = 0; k < count; ++k) {
      indices[row * count + k] = static_cast<std::int32_t>(heap[k].second);
      distances[row * count + k] = std::sqrt(heap[k].first);
    }
    std::vector<Candidate>().swap(heap);
  };
  all.for_tiles(execution, [&](Index first, Index column, const RowMatrix& tile) {
    for (Index i = 0; i < tile.rows(); ++i) {
      const auto row = static_cast<std::size_t>(first + i);
      auto& heap = best[row];
      double worst =
          heap.size() < kept ? std::numeric_limits<double>::infinity() : heap.front().first;
      const double* const squares = tile.data() + i * tile.cols();
      for (Index j = 0; j < tile.cols(); ++j) {
        if (!(squares[j] < worst) || (same && column + j == first + i)) continue;
        if (heap.size() == kept) {
          std::pop_heap(heap.begin(), heap.end());
          heap.pop_back();
        }
        heap.emplace_back(squares[j], column + j);
        std::push_heap(heap.begin(), heap.end());
        if (heap.size() == kept) worst = heap.front().first;
      }
      if (column + tile.cols() == y.rows()) finish(row);
    }
  });
}

}  // namespace soapstone
