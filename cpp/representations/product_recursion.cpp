#include "representations/product_recursion.hpp"

#include <algorithm>
#include <type_traits>

namespace soapstone {

namespace {

/// The factors of a product, or of the two products that the derivative of one is.
struct Factors {
  const Lanes* left;
  const Lanes* right;
  const Lanes* left2;
  const Lanes* right2;
};

/// Calls emit(μ, sums) for every μ of a group, sums over the right factors from … from + kRight − 1
/// of Σ ⟨…⟩ left_m1 right_m2, where kTwo plus Σ ⟨…⟩ left2_m1 right2_m2.
template <std::size_t kRight, bool kTwo, typename Emit>
inline void couple(const ProductGroup& group, const Factors& f, std::size_t from,
                   const Emit& emit) {
  const Lanes* left = f.left + group.left;
  const Lanes* left2 = f.left2 + group.left;
  const Lanes* right[kRight];
  const Lanes* right2[kRight];
  for (std::size_t r = 0; r < kRight; ++r) {
    right[r] = f.right + group.right[from + r];
    right2[r] = f.right2 + group.right[from + r];
  }
  const CouplingTerm* term = group.coupling->terms.data();
  const CouplingTerm* const end = term + group.coupling->terms.size();
  for (int mu = 0; mu <= 2 * group.coupling->lambda; ++mu) {
    Lanes sums[kRight] = {};
    for (; term != end && term->mu == mu; ++term) {
      const Lanes weight = term->value * left[term->m1];
      for (std::size_t r = 0; r < kRight; ++r) sums[r] += weight * right[r][term->m2];
      if (kTwo) {
        const Lanes weight2 = term->value * left2[term->m1];
        for (std::size_t r = 0; r < kRight; ++r) sums[r] += weight2 * right2[r][term->m2];
      }
    }
    emit(mu, sums);
  }
}

/// Goes through the right factors of a group in tiles, of which the sums stay in registers.
template <typename Visit>
inline void for_each_tile(std::size_t rights, const Visit& visit) {
  std::size_t from = 0;
  for (; from + 8 <= rights; from += 8) visit(from, std::integral_constant<std::size_t, 8>());
  for (; from + 4 <= rights; from += 4) visit(from, std::integral_constant<std::size_t, 4>());
  for (; from + 2 <= rights; from += 2) visit(from, std::integral_constant<std::size_t, 2>());
  for (; from < rights; ++from) visit(from, std::integral_constant<std::size_t, 1>());
}

/// Features on their way out: those that follow each other are turned from lanes into rows eight at
/// a time, however few come from one group.
class RowWriter {
 public:
  RowWriter(std::size_t count, double* features, std::size_t step)
      : count_(count), features_(features), step_(step) {}
  RowWriter(const RowWriter&) = delete;
  ~RowWriter() { flush(); }

  void put(std::size_t column, const Lanes& feature) {
    if (size_ == kLanes || column != column_ + size_) {
      flush();
      column_ = column;
    }
    lanes_[size_++] = feature;
  }

 private:
  void flush() {
    if (size_ == 0) return;
    transpose(lanes_);
    for (std::size_t e = 0; e < count_; ++e) {
      store_first(features_ + e * step_ + column_, lanes_[e], size_);
    }
    size_ = 0;
  }

  std::size_t count_;
  double* features_;
  std::size_t step_;
  std::size_t column_ = 0, size_ = 0;
  Lanes lanes_[kLanes] = {};
};

/// The reverse: ∂L/∂feature in lanes, turned from rows eight columns at a time.
class RowReader {
 public:
  RowReader(std::size_t count, const double* gradient, std::size_t step, std::size_t columns)
      : count_(count), gradient_(gradient), step_(step), columns_(columns) {}

  const Lanes& at(std::size_t column) {
    const std::size_t first = column / kLanes * kLanes;
    if (first != first_) {
      first_ = first;
      for (std::size_t e = 0; e < kLanes; ++e) {
        lanes_[e] =
            e < count_ ? load_first(gradient_ + e * step_ + first, columns_ - first) : Lanes{};
      }
      transpose(lanes_);
    }
    return lanes_[column - first];
  }

 private:
  std::size_t count_;
  const double* gradient_;
  std::size_t step_, columns_;
  std::size_t first_ = static_cast<std::size_t>(-1);
  Lanes lanes_[kLanes] = {};
};

template <bool kTwo>
void couple_stored(const ProductFunctions& functions, const Factors& f, Lanes* stored) {
  for (const ProductGroup& group : functions.stored()) {
    const std::size_t components = static_cast<std::size_t>(2 * group.coupling->lambda + 1);
    for_each_tile(group.right.size(), [&](std::size_t from, auto size) {
      couple<size(), kTwo>(group, f, from, [&](int mu, const Lanes(&sums)[size()]) {
        Lanes* to = stored + group.target + from * components + mu;
        for (std::size_t r = 0; r < size(); ++r) to[r * components] = sums[r];
      });
    });
  }
}

template <bool kTwo>
void couple_features(const ProductFunctions& functions, const Factors& f, std::size_t count,
                     double* features, std::size_t step) {
  RowWriter writer(count, features, step);
  for (const ProductGroup& group : functions.features()) {
    for_each_tile(group.right.size(), [&](std::size_t from, auto size) {
      couple<size(), kTwo>(group, f, from, [&](int mu, const Lanes(&sums)[size()]) {
        const std::size_t column = group.target + static_cast<std::size_t>(mu) * group.step + from;
        if constexpr (size() < kLanes) {
          for (std::size_t r = 0; r < size(); ++r) {
            writer.put(column + r, group.scale[from + r] * sums[r]);
          }
        } else {
          Lanes rows[kLanes];
          for (std::size_t r = 0; r < kLanes; ++r) rows[r] = group.scale[from + r] * sums[r];
          transpose(rows);
          for (std::size_t e = 0; e < count; ++e)
            store_unaligned(features + column + e * step, rows[e]);
        }
      });
    });
  }
}

/// The reverse of couple: adds to the gradients of the left and of the right factors.
template <std::size_t kRight>
inline void uncouple(const ProductGroup& group, const Lanes* workspace, std::size_t from, int mu,
                     const CouplingTerm*& term, const Lanes (&gradient)[kRight],
                     Lanes* workspace_gradient) {
  const CouplingTerm* const end = group.coupling->terms.data() + group.coupling->terms.size();
  const Lanes* left = workspace + group.left;
  Lanes* left_gradient = workspace_gradient + group.left;
  for (; term != end && term->mu == mu; ++term) {
    const Lanes weight = term->value * left[term->m1];
    Lanes sum{};
    for (std::size_t r = 0; r < kRight; ++r) {
      const std::size_t at = group.right[from + r] + static_cast<std::size_t>(term->m2);
      sum += workspace[at] * gradient[r];
      workspace_gradient[at] += weight * gradient[r];
    }
    left_gradient[term->m1] += term->value * sum;
  }
}

}  // namespace

void ProductRecursion::complete(Lanes* workspace) const {
  workspace[0] = Lanes{} + 1.0;
  couple_stored<false>(functions_, {workspace, workspace, workspace, workspace}, workspace);
}

void ProductRecursion::values(const Lanes* workspace, std::size_t count, double* features,
                              std::size_t step) const {
  couple_features<false>(functions_, {workspace, workspace, workspace, workspace}, count, features,
                         step);
}

void ProductRecursion::tangent(const Lanes* workspace, Lanes* derivative, std::size_t count,
                               double* features, std::size_t step) const {
  derivative[0] = Lanes{};
  const Factors both{derivative, workspace, workspace, derivative};
  couple_stored<true>(functions_, both, derivative);
  couple_features<true>(functions_, both, count, features, step);
}

void ProductRecursion::adjoint(const Lanes* workspace, std::size_t count, const double* gradient,
                               std::size_t step, Lanes* workspace_gradient) const {
  std::fill_n(workspace_gradient, functions_.workspace(), Lanes{});
  const auto& features = functions_.features();
  RowReader reader(count, gradient, step, functions_.feature_count());
  for (std::size_t g = features.size(); g-- > 0;) {
    const ProductGroup& group = features[g];
    for_each_tile(group.right.size(), [&](std::size_t from, auto size) {
      const CouplingTerm* term = group.coupling->terms.data();
      for (int mu = 0; mu <= 2 * group.coupling->lambda; ++mu) {
        const std::size_t column = group.target + static_cast<std::size_t>(mu) * group.step + from;
        Lanes scaled[size()];
        if constexpr (size() < kLanes) {
          for (std::size_t r = 0; r < size(); ++r) scaled[r] = reader.at(column + r);
        } else {
          for (std::size_t e = 0; e < kLanes; ++e) {
            scaled[e] = e < count ? load_unaligned(gradient + column + e * step) : Lanes{};
          }
          transpose(scaled);
        }
        for (std::size_t r = 0; r < size(); ++r) scaled[r] *= group.scale[from + r];
        uncouple<size()>(group, workspace, from, mu, term, scaled, workspace_gradient);
      }
    });
  }
  const auto& stored = functions_.stored();
  for (std::size_t g = stored.size(); g-- > 0;) {
    const ProductGroup& group = stored[g];
    const std::size_t components = static_cast<std::size_t>(2 * group.coupling->lambda + 1);
    for_each_tile(group.right.size(), [&](std::size_t from, auto size) {
      const CouplingTerm* term = group.coupling->terms.data();
      for (int mu = 0; mu <= 2 * group.coupling->lambda; ++mu) {
        Lanes own[size()];
        for (std::size_t r = 0; r < size(); ++r) {
          own[r] = workspace_gradient[group.target + (from + r) * components + mu];
        }
        uncouple<size()>(group, workspace, from, mu, term, own, workspace_gradient);
      }
    });
  }
}

}  // namespace soapstone
