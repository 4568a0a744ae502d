#include "analysis/tsne.hpp"

#include <cmath>
#include <vector>

namespace soapstone {

namespace {

using Eigen::Index;

constexpr Index kRowsAtOnce = 32;
/// Of attraction, over the first quarter of the iterations.
constexpr double kExaggeration = 12.0;

/// Row i of the similarities p_j|i: the width of its Gaussian gives it the perplexity.
void conditional(const double* squares, Index own, Index size, double perplexity, double* out) {
  const double wanted = std::log(perplexity);
  double low = 0.0, high = -1.0;  // no upper bound yet
  double nearest = -1.0, mean = 0.0;
  for (Index j = 0; j < size; ++j) {
    if (j == own) continue;
    mean += squares[j] / static_cast<double>(size - 1);
    if (nearest < 0.0 || squares[j] < nearest) nearest = squares[j];
  }
  double beta = mean > nearest ? 1.0 / (mean - nearest) : 1.0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    double sum = 0.0, energy = 0.0;
    for (Index j = 0; j < size; ++j) {
      const double away = squares[j] - nearest;
      out[j] = j == own ? 0.0 : std::exp(-beta * away);
      sum += out[j];
      energy += out[j] * (j == own ? 0.0 : away);
    }
    const double entropy = std::log(sum) + beta * energy / sum;
    for (Index j = 0; j < size; ++j) out[j] /= sum;
    if (std::abs(entropy - wanted) < 1e-6) return;
    if (entropy > wanted) {
      low = beta;
      beta = high < 0.0 ? 2.0 * beta : 0.5 * (low + high);
    } else {
      high = beta;
      beta = 0.5 * (low + high);
    }
  }
}

}  // namespace

double tsne(const Points& points, const TsneOptions& options, double* embedding,
            const Execution& execution) {
  const Index size = points.rows();
  const Execution quiet = execution.quiet();
  RowMatrix p(size, size);
  Distances(points, points).for_tiles(quiet, [&](Index first, Index column, const RowMatrix& tile) {
    p.block(first, column, tile.rows(), tile.cols()) = tile;
  });
  parallel_blocks(size, kRowsAtOnce, quiet, [&](Index first, Index count) {
    std::vector<double> row(static_cast<std::size_t>(size));
    for (Index i = first; i < first + count; ++i) {
      conditional(p.data() + i * size, i, size, options.perplexity, row.data());
      std::copy(row.begin(), row.end(), p.data() + i * size);
    }
  });
  for (Index i = 0; i < size; ++i) {
    for (Index j = 0; j < i; ++j) {
      p(i, j) = p(j, i) = (p(i, j) + p(j, i)) / (2.0 * static_cast<double>(size));
    }
  }

  // Coordinates apart, so that sums over j vectorise.
  Eigen::ArrayXd x(size), y(size), speed_x = Eigen::ArrayXd::Zero(size);
  Eigen::ArrayXd speed_y = speed_x, gain_x = Eigen::ArrayXd::Ones(size), gain_y = gain_x;
  for (Index i = 0; i < size; ++i) {
    x(i) = embedding[2 * i];
    y(i) = embedding[2 * i + 1];
  }
  Eigen::ArrayXd attract_x(size), attract_y(size), repel_x(size), repel_y(size), sums(size);
  Eigen::ArrayXd divergences(size);
  const double rate = std::max(static_cast<double>(size) / kExaggeration, 50.0);
  double divergence = 0.0;
  for (std::size_t step = 0; step < options.iterations; ++step) {
    execution.check_cancelled();
    const bool early = step < options.iterations / 4;
    const bool last = step + 1 == options.iterations;
    parallel_blocks(size, kRowsAtOnce, quiet, [&](Index first, Index count) {
      Eigen::ArrayXd q(size), force(size);
      for (Index i = first; i < first + count; ++i) {
        q = 1.0 / (1.0 + (x - x(i)).square() + (y - y(i)).square());
        q(i) = 0.0;
        sums(i) = q.sum();
        const Eigen::Map<const Eigen::ArrayXd> own(p.data() + i * size, size);
        force = own * q;
        attract_x(i) = (force * (x(i) - x)).sum();
        attract_y(i) = (force * (y(i) - y)).sum();
        force = q.square();
        repel_x(i) = (force * (x(i) - x)).sum();
        repel_y(i) = (force * (y(i) - y)).sum();
        if (!last) continue;
        double sum = 0.0;
        for (Index j = 0; j < size; ++j) {
          if (j != i && own(j) > 0.0) sum += own(j) * std::log(own(j) / q(j));
        }
        divergences(i) = sum;
      }
    });
    const double whole = sums.sum();
    const double factor = early ? kExaggeration : 1.0, momentum = early ? 0.5 : 0.8;
    const auto move = [&](Eigen::ArrayXd& at, Eigen::ArrayXd& speed, Eigen::ArrayXd& gain,
                          const Eigen::ArrayXd& attract, const Eigen::ArrayXd& repel) {
      const Eigen::ArrayXd slope = 4.0 * (factor * attract - repel / whole);
      gain = (slope * speed < 0.0).select(gain + 0.2, gain * 0.8).max(0.01);
      speed = momentum * speed - rate * gain * slope;
      at += speed;
      at -= at.mean();
    };
    if (last) divergence = divergences.sum() + std::log(whole);
    move(x, speed_x, gain_x, attract_x, repel_x);
    move(y, speed_y, gain_y, attract_y, repel_y);
    if (execution.progress) execution.progress(step + 1, options.iterations);
  }
  for (Index i = 0; i < size; ++i) {
    embedding[2 * i] = x(i);
    embedding[2 * i + 1] = y(i);
  }
  return divergence;
}

}  // namespace soapstone
