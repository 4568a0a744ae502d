#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "math/spherical_harmonics.hpp"
#include "representations/product_functions.hpp"
#include "representations/product_recursion.hpp"

namespace soapstone {
namespace {

using LanesVector = std::vector<Lanes, AlignedAllocator<Lanes>>;

/// Y_lm of eight directions, [lm] lanes.
LanesVector harmonics(int max_angular, const std::vector<Eigen::Vector3d>& directions) {
  const SphericalHarmonics functions(max_angular);
  AlignedVector at(3 * kLanes), values(functions.size() * kLanes);
  for (std::size_t k = 0; k < kLanes; ++k) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      at[axis * kLanes + k] = directions[k % directions.size()](static_cast<Eigen::Index>(axis));
    }
  }
  functions.compute(at.data(), kLanes, kLanes, values.data(), nullptr);
  LanesVector result;
  for (std::size_t lm = 0; lm < functions.size(); ++lm) {
    result.push_back(load(values.data() + lm * kLanes));
  }
  return result;
}

Eigen::Matrix3d rotation() {
  return (Eigen::AngleAxisd(0.7, Eigen::Vector3d(0.3, -0.5, 0.8).normalized()) *
          Eigen::AngleAxisd(-1.9, Eigen::Vector3d::UnitX()))
      .toRotationMatrix();
}

/// How real harmonics of rank l turn: Y(R r) = D Y(r), found from a few directions.
Eigen::MatrixXd wigner(int l, const Eigen::Matrix3d& turn) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  const int size = 2 * l + 1;
  Eigen::MatrixXd before(size, 64), after(size, 64);
  for (int block = 0; block < 8; ++block) {
    std::vector<Eigen::Vector3d> points, turned;
    for (int k = 0; k < 8; ++k) {
      points.push_back(
          Eigen::Vector3d(normal(random), normal(random), normal(random)).normalized());
      turned.push_back(turn * points.back());
    }
    const LanesVector y = harmonics(l, points), z = harmonics(l, turned);
    for (int m = 0; m < size; ++m) {
      for (int k = 0; k < 8; ++k) {
        before(m, 8 * block + k) = y[static_cast<std::size_t>(l * l + m)][k];
        after(m, 8 * block + k) = z[static_cast<std::size_t>(l * l + m)][k];
      }
    }
  }
  return before.transpose().colPivHouseholderQr().solve(after.transpose()).transpose();
}

/// A product basis on random coefficients, the same in every lane but for a factor.
class Products {
 public:
  Products(const ProductParameters& parameters, int channels, int radial, int angular)
      : functions(parameters, channels, radial, angular), workspace_(functions.workspace()) {
    std::mt19937 random(5);
    std::normal_distribution<double> normal;
    for (std::size_t f = 0; f < functions.factors().size(); ++f) {
      for (int m = 0; m <= 2 * functions.factors()[f].l; ++m) {
        for (std::size_t k = 0; k < kLanes; ++k) component(f, m)[k] = normal(random);
      }
    }
  }

  Lanes& component(std::size_t factor, int m) {
    return workspace_[functions.offset(factor) + static_cast<std::size_t>(m)];
  }

  /// Features of the first `count` lanes, count × columns.
  std::vector<double> values(std::size_t count = kLanes) {
    std::vector<double> result(count * functions.feature_count());
    const ProductRecursion recursion(functions);
    recursion.complete(workspace_.data());
    recursion.values(workspace_.data(), count, result.data(), functions.feature_count());
    return result;
  }

  LanesVector& workspace() { return workspace_; }

  /// Turns the coefficients of all lanes.
  void turn(const Eigen::Matrix3d& by) {
    for (std::size_t f = 0; f < functions.factors().size(); ++f) {
      const int l = functions.factors()[f].l;
      const Eigen::MatrixXd d = wigner(l, by);
      LanesVector turned(static_cast<std::size_t>(2 * l + 1), Lanes{});
      for (int m = 0; m <= 2 * l; ++m) {
        for (int k = 0; k <= 2 * l; ++k) {
          turned[static_cast<std::size_t>(m)] += d(m, k) * component(f, k);
        }
      }
      for (int m = 0; m <= 2 * l; ++m) component(f, m) = turned[static_cast<std::size_t>(m)];
    }
  }

  const ProductFunctions functions;

 private:
  LanesVector workspace_;
};

ProductParameters products(int least, int most, std::vector<int> lambdas, bool odd,
                           double degree = 1e30) {
  ProductParameters parameters;
  parameters.least_order = least;
  parameters.most_order = most;
  parameters.lambdas = std::move(lambdas);
  parameters.odd = odd;
  parameters.most_degree = degree;
  return parameters;
}

TEST(ProductBasis, FeaturesTurnLikeHarmonicsOfTheirRankAndParity) {
  Products basis(products(1, 4, {0, 1, 2, 3}, true, 9.0), 2, 4, 3);
  const std::vector<double> before = basis.values();
  const Eigen::Matrix3d by = rotation();
  basis.turn(by);
  const std::vector<double> after = basis.values();
  for (std::size_t f = 0; f < basis.functions.factors().size(); ++f) {  // and inverted
    const int l = basis.functions.factors()[f].l;
    for (int m = 0; m <= 2 * l; ++m) basis.component(f, m) *= l % 2 == 0 ? 1.0 : -1.0;
  }
  const std::vector<double> inverted = basis.values();

  const std::size_t columns = basis.functions.feature_count();
  double largest = 0.0;
  for (const double x : before) largest = std::max(largest, std::abs(x));
  for (const ProductBlock& block : basis.functions.blocks()) {
    const Eigen::MatrixXd d = wigner(block.lambda, by);
    const double sign = block.sigma * (block.lambda % 2 == 0 ? 1.0 : -1.0);
    for (std::size_t e = 0; e < kLanes; ++e) {
      for (std::size_t q = 0; q < block.functions; ++q) {
        for (int mu = 0; mu <= 2 * block.lambda; ++mu) {
          const auto at = [&](int component) {
            return e * columns + block.column +
                   static_cast<std::size_t>(component) * block.functions + q;
          };
          double expected = 0.0;
          for (int k = 0; k <= 2 * block.lambda; ++k) expected += d(mu, k) * before[at(k)];
          ASSERT_NEAR(after[at(mu)], expected, 1e-11 * largest);
          ASSERT_NEAR(inverted[at(mu)], sign * after[at(mu)], 1e-12 * largest);
        }
      }
    }
  }
}

TEST(ProductBasis, OfOrderTwoIsTheContractionOverM) {
  Products basis(products(2, 2, {0}, true), 2, 3, 4);
  const std::vector<double> values = basis.values(1);
  ASSERT_EQ(basis.functions.blocks().size(), 1u);  // no pseudoscalars of two vectors
  const ProductBlock& block = basis.functions.blocks()[0];
  ASSERT_EQ(block.functions, 5u * 6u * 7u / 2u);
  for (std::size_t q = 0; q < block.functions; ++q) {
    const int i = block.factors[2 * q], j = block.factors[2 * q + 1];
    const int l = basis.functions.factors()[static_cast<std::size_t>(i)].l;
    ASSERT_EQ(basis.functions.factors()[static_cast<std::size_t>(j)].l, l);
    double sum = 0.0;
    for (int m = 0; m <= 2 * l; ++m) {
      sum += basis.component(static_cast<std::size_t>(i), m)[0] *
             basis.component(static_cast<std::size_t>(j), m)[0];
    }
    sum *= (l % 2 == 0 ? 1.0 : -1.0) * (i == j ? 1.0 : std::sqrt(2.0)) / std::sqrt(2.0 * l + 1.0);
    EXPECT_NEAR(values[q], sum, 1e-12);
  }
}

// The average over rotations, Eq. 2 of the review: over products of three coefficients it is
// Σ of invariants times invariants, so the squared norm of the bispectrum is the mean of
// (Σ_v c_v · (R c)_v)³ over all rotations, weights and all; with inversion only the even part.
TEST(ProductBasis, OfOrderThreeHasTheNormOfTheAverageOverRotations) {
  Products basis(products(3, 3, {0}, true), 1, 2, 2);
  const std::vector<double> values = basis.values(1);
  double even = 0.0, odd = 0.0;
  for (const ProductBlock& block : basis.functions.blocks()) {
    for (std::size_t q = 0; q < block.functions; ++q) {
      (block.sigma > 0 ? even : odd) += values[block.column + q] * values[block.column + q];
    }
  }
  // Overlaps ⟨c|R c⟩ as Σ_l tr(D_l B_l); Euler angles on a grid that is exact for their cubes.
  std::vector<Eigen::MatrixXd> products_of_l;
  for (int l = 0; l <= 2; ++l) {
    Eigen::MatrixXd b = Eigen::MatrixXd::Zero(2 * l + 1, 2 * l + 1);
    for (std::size_t f = 0; f < basis.functions.factors().size(); ++f) {
      if (basis.functions.factors()[f].l != l) continue;
      for (int m = 0; m <= 2 * l; ++m) {
        for (int k = 0; k <= 2 * l; ++k) {
          b(m, k) += basis.component(f, m)[0] * basis.component(f, k)[0];
        }
      }
    }
    products_of_l.push_back(b);
  }
  const double pi = std::acos(-1.0);
  const double nodes[4] = {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                           0.8611363115940526};  // Gauss–Legendre, exact to degree 7
  const double weights[4] = {0.3478548451374538, 0.6521451548625461, 0.6521451548625461,
                             0.3478548451374538};
  double proper = 0.0, improper = 0.0;
  for (int a = 0; a < 8; ++a) {
    for (int c = 0; c < 8; ++c) {
      for (int k = 0; k < 4; ++k) {
        const Eigen::Matrix3d turn =
            (Eigen::AngleAxisd(2.0 * pi * a / 8.0, Eigen::Vector3d::UnitZ()) *
             Eigen::AngleAxisd(std::acos(nodes[k]), Eigen::Vector3d::UnitY()) *
             Eigen::AngleAxisd(2.0 * pi * c / 8.0, Eigen::Vector3d::UnitZ()))
                .toRotationMatrix();
        double overlap = 0.0, inverted = 0.0;
        for (int l = 0; l <= 2; ++l) {
          const double part = wigner(l, turn).cwiseProduct(products_of_l[l]).sum();
          overlap += part;
          inverted += l % 2 == 0 ? part : -part;
        }
        const double weight = weights[k] / 2.0 / 64.0;
        proper += weight * overlap * overlap * overlap;
        improper += weight * inverted * inverted * inverted;
      }
    }
  }
  EXPECT_GT(odd, 1e-3);
  EXPECT_NEAR(even + odd, proper, 1e-10 * proper);
  EXPECT_NEAR(even - odd, improper, 1e-10 * proper);
}

// How many independent functions of rank λ there are in the ν-th symmetric power of one l:
// the mean over rotations of its character times that of λ (Molien).
TEST(ProductBasis, OfEqualFactorsHasAsManyFunctionsAsThereAreIndependentOnes) {
  const double pi = std::acos(-1.0);
  for (const int l : {1, 2, 3, 4}) {
    for (const int order : {2, 3, 4, 5}) {
      for (const int lambda : {0, 1, 2}) {
        // Only factors of this l can reach the order: l' < l are dropped by what is counted.
        ProductFunctions functions(products(order, order, {lambda}, true), 1, 1, l);
        std::size_t found = 0;
        for (const ProductBlock& block : functions.blocks()) {
          for (std::size_t q = 0; q < block.functions; ++q) {
            found +=
                std::all_of(block.factors.begin() + static_cast<std::ptrdiff_t>(q * order),
                            block.factors.begin() + static_cast<std::ptrdiff_t>((q + 1) * order),
                            [&](int f) { return functions.factors()[f].l == l; });
          }
        }
        double expected = 0.0;
        const int steps = 400;
        for (int s = 0; s < steps; ++s) {
          const double angle = 2.0 * pi * (s + 0.5) / steps;
          const auto character = [&](int rank, int multiple) {
            double sum = 0.0;
            for (int m = -rank; m <= rank; ++m) sum += std::cos(m * multiple * angle);
            return sum;
          };
          // Newton: k h_k = Σ_{i ≤ k} p_i h_{k−i}, p_i the character of R^i
          std::vector<double> h{1.0};
          for (int k = 1; k <= order; ++k) {
            double sum = 0.0;
            for (int i = 1; i <= k; ++i)
              sum += character(l, i) * h[static_cast<std::size_t>(k - i)];
            h.push_back(sum / k);
          }
          expected += (1.0 - std::cos(angle)) * character(lambda, 1) * h.back() / steps;
        }
        EXPECT_EQ(found, static_cast<std::size_t>(std::lround(expected)))
            << "l " << l << " order " << order << " lambda " << lambda;
      }
    }
  }
}

TEST(ProductBasis, DerivativesAreSlopes) {
  Products basis(products(1, 4, {0, 2}, true, 8.0), 2, 3, 2);
  const std::size_t columns = basis.functions.feature_count();
  const ProductRecursion recursion(basis.functions);
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  LanesVector direction(basis.functions.workspace(), Lanes{});
  for (std::size_t f = 0; f < basis.functions.factors().size(); ++f) {
    for (int m = 0; m <= 2 * basis.functions.factors()[f].l; ++m) {
      for (std::size_t k = 0; k < kLanes; ++k) {
        direction[basis.functions.offset(f) + static_cast<std::size_t>(m)][k] = normal(random);
      }
    }
  }
  const LanesVector origin = basis.workspace();
  const auto moved = [&](double step) {
    for (std::size_t k = 1; k < origin.size(); ++k) {
      basis.workspace()[k] = origin[k] + step * direction[k];
    }
    return basis.values();
  };
  const double h = 1e-3;
  const std::vector<double> a = moved(h), b = moved(-h), c = moved(2 * h), d = moved(-2 * h);
  basis.workspace() = origin;
  const std::vector<double> values = basis.values();

  std::vector<double> tangent(values.size());
  LanesVector derivative = direction;
  recursion.tangent(basis.workspace().data(), derivative.data(), kLanes, tangent.data(), columns);
  std::vector<double> gradient(values.size());
  for (double& g : gradient) g = normal(random);
  LanesVector back(basis.functions.workspace());
  recursion.adjoint(basis.workspace().data(), kLanes, gradient.data(), columns, back.data());

  for (std::size_t e = 0; e < kLanes; ++e) {
    double forward = 0.0, reverse = 0.0;
    for (std::size_t k = 0; k < columns; ++k) {
      const std::size_t at = e * columns + k;
      const double slope = (8.0 * (a[at] - b[at]) - (c[at] - d[at])) / (12.0 * h);
      EXPECT_NEAR(tangent[at], slope, 1e-8 * (1.0 + std::abs(slope)));
      forward += gradient[at] * tangent[at];
    }
    for (std::size_t f = 0; f < basis.functions.factors().size(); ++f) {
      for (int m = 0; m <= 2 * basis.functions.factors()[f].l; ++m) {
        const std::size_t at = basis.functions.offset(f) + static_cast<std::size_t>(m);
        reverse += back[at][e] * direction[at][e];
      }
    }
    EXPECT_NEAR(reverse, forward, 1e-11 * std::abs(forward) + 1e-11);
  }
}

TEST(ProductBasis, MoreProductsThanMemoryHoldsAreRefused) {
  try {
    ProductFunctions(products(1, 5, {0}, true, 40.0), 10, 12, 8);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kMemoryLimit);
  }
}

TEST(ProductBasis, FewerLanesGiveTheSame) {
  Products basis(products(1, 3, {0, 1}, true), 1, 2, 2);
  const std::vector<double> all = basis.values();
  const std::vector<double> some = basis.values(3);
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
}

}  // namespace
}  // namespace soapstone
