#include "regression/inverse_factor.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// Columns of L⁻ᵀ that are as deep as the last of them: whole panels, few enough that hardly
/// anything is multiplied by the zeros below the diagonal.
constexpr std::size_t kColumns = 48;
static_assert(kColumns % PackedMatrix::kPanel == 0, "");

}  // namespace

InverseFactor::InverseFactor(const Eigen::Ref<const MatrixXd>& factor, const Execution& execution)
    : size_(static_cast<std::size_t>(factor.rows())), parts_((size_ + kColumns - 1) / kColumns) {
  const Execution alone = execution.alone();
  parallel_blocks(size_, kColumns, execution.quiet(), [&](std::size_t first, std::size_t count) {
    const std::size_t depth = first + count;
    const auto deep = static_cast<Index>(depth), wide = static_cast<Index>(count);
    MatrixXd columns = MatrixXd::Zero(deep, wide);
    columns.bottomRows(wide).setIdentity();
    solve_upper(factor.topLeftCorner(deep, deep), columns, alone);
    parts_[first / kColumns] = PackedMatrix(columns.data(), 1, depth, depth, count, alone);
  });
}

void InverseFactor::apply(const double* rows, std::size_t step, std::size_t count, double* out,
                          std::size_t out_step, double* squares) const {
  thread_local AlignedVector product;
  grow(product, count * kColumns);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const PackedMatrix& part = parts_[p];
    packed_product(rows, step, count, part, 0, part.panels(), product.data(), kColumns);
    const std::size_t from = p * kColumns, wide = part.padded_columns();
    for (std::size_t r = 0; r < count; ++r) {
      const double* own = product.data() + r * kColumns;
      Lanes sums{};
      for (std::size_t k = 0; k < wide; k += kLanes) sums += load(own + k) * load(own + k);
      squares[r] += sum(sums);
      if (out != nullptr)
        std::copy_n(own, std::min(kColumns, size_ - from), out + r * out_step + from);
    }
  }
}

}  // namespace soapstone
