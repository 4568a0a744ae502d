#include "binding/representations.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/expansion.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "representations/composition.hpp"
#include "representations/coupled_power_spectrum.hpp"
#include "representations/normalized.hpp"
#include "representations/power_spectrum.hpp"
#include "representations/product_basis.hpp"
#include "representations/selected_columns.hpp"
#include "representations/structure_level.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kRepresentationTag{0x6a1f2c90d3b74e58, 0x9c05e7718f4ab263};
constexpr napi_type_tag kRowsTag{0x51d3c86fb24a9e07, 0x83f60e1d7ac5b942};
constexpr napi_type_tag kJacobianTag{0x2f8b6d41a07c4e93, 0xb7d94c1e5a3860f2};

Napi::Value wrap_representation(Napi::Env env, std::shared_ptr<const Representation> made) {
  return wrap(env, std::move(made), kRepresentationTag);
}

/// Indices of features that are asked for; none: all.
std::vector<std::size_t> columns(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {};
  const auto from = array<std::int32_t>(value, "columns");
  return {from.data, from.data + from.size};
}

// createPowerSpectrum(expansion, columns?: Int32Array) → handle
Napi::Value create_power_spectrum(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const ExpansionParameters e = expansion_parameters(call[0]);
  const std::vector<std::size_t> some = columns(call[1]);
  if (!some.empty()) {
    return wrap_representation(
        env, std::make_shared<const ProductBasis>(e.density, e.basis, e.species, some));
  }
  return wrap_representation(env,
                             std::make_shared<const PowerSpectrum>(e.density, e.basis, e.species));
}

// Of {[counts]: Int32Array, [weights]: Float64Array}, or nothing.
DensityWeights density_weights(const Napi::Object& object, const char* counts,
                               const char* weights) {
  DensityWeights result;
  if (!object.Get(counts).IsTypedArray()) return result;
  const auto groups = array<std::int32_t>(object.Get(counts), counts);
  result.counts.assign(groups.data, groups.data + groups.size);
  result.weights = numbers(object, weights);
  return result;
}

// createCoupledPowerSpectrum(expansion, {firstCounts: Int32Array(groups), firstWeights:
//     Float64Array(densities · channels · n), secondCounts?, secondWeights?, pairing},
//     columns?: Int32Array) → handle
Napi::Value create_coupled_power_spectrum(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const ExpansionParameters e = expansion_parameters(call[0]);
  const auto c = call[1].As<Napi::Object>();
  const DensityCoupling coupling{
      density_weights(c, "firstCounts", "firstWeights"),
      density_weights(c, "secondCounts", "secondWeights"),
      choice<DensityCoupling::Pairing>(c, "pairing",
                                       {{"all", DensityCoupling::Pairing::kAll},
                                        {"same-group", DensityCoupling::Pairing::kSameGroup},
                                        {"elementwise", DensityCoupling::Pairing::kElementwise}})};
  const std::vector<std::size_t> some = columns(call[2]);
  std::shared_ptr<const Representation> made =
      std::make_shared<const CoupledPowerSpectrum>(e.density, e.basis, e.species, coupling);
  if (!some.empty()) made = std::make_shared<const SelectedColumns>(std::move(made), some);
  return wrap_representation(env, std::move(made));
}

// createProductBasis(expansion, {leastOrder, mostOrder, lambdas: Int32Array, even, odd, mostDegree,
//                    angularWeight, columns?: Int32Array}) → handle
Napi::Value create_product_basis(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const ExpansionParameters e = expansion_parameters(call[0]);
  const auto p = call[1].As<Napi::Object>();
  const auto lambdas = array<std::int32_t>(p.Get("lambdas"), "lambdas");
  ProductParameters products;
  products.least_order = integer(p, "leastOrder");
  products.most_order = integer(p, "mostOrder");
  products.lambdas.assign(lambdas.data, lambdas.data + lambdas.size);
  products.even = flag(p, "even");
  products.odd = flag(p, "odd");
  products.most_degree = number(p, "mostDegree");
  products.angular_weight = number(p, "angularWeight");
  products.columns = columns(p.Get("columns"));
  return wrap_representation(
      env, std::make_shared<const ProductBasis>(e.density, e.basis, e.species, products));
}

const ProductFunctions& product_functions(const Napi::Value& handle) {
  const auto representation = unwrap_representation(handle);  // the handle keeps it alive
  const auto* products = dynamic_cast<const ProductBasis*>(representation.get());
  if (products == nullptr) throw Napi::TypeError::New(handle.Env(), "expected a product basis");
  return products->functions();
}

// productBlocks(representation) → [{order, lambda, sigma, functions}]
Napi::Value product_blocks(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto& blocks = product_functions(call[0]).blocks();
  auto result = Napi::Array::New(env, blocks.size());
  for (std::uint32_t b = 0; b < blocks.size(); ++b) {
    auto block = Napi::Object::New(env);
    block["order"] = Napi::Number::New(env, blocks[b].order);
    block["lambda"] = Napi::Number::New(env, blocks[b].lambda);
    block["sigma"] = Napi::Number::New(env, blocks[b].sigma);
    block["functions"] = Napi::Number::New(env, static_cast<double>(blocks[b].functions));
    result[b] = block;
  }
  return result;
}

// productLabels(representation, block, factors: Int32Array(functions · order · 3), ranks:
//               Int32Array(functions · order))
Napi::Value product_labels(const Napi::CallbackInfo& call) {
  const ProductFunctions& functions = product_functions(call[0]);
  const ProductBlock& block = functions.blocks().at(call[1].As<Napi::Number>().Uint32Value());
  const auto factors = array<std::int32_t>(call[2], "factors", 3 * block.factors.size());
  const auto ranks = array<std::int32_t>(call[3], "ranks", block.ranks.size());
  for (std::size_t k = 0; k < block.factors.size(); ++k) {
    const Factor& factor = functions.factors()[static_cast<std::size_t>(block.factors[k])];
    factors.data[3 * k] = factor.channel;
    factors.data[3 * k + 1] = factor.n;
    factors.data[3 * k + 2] = factor.l;
  }
  std::copy(block.ranks.begin(), block.ranks.end(), ranks.data);
  return call.Env().Undefined();
}

// createNormalized(representation) → handle
Napi::Value create_normalized(const Napi::CallbackInfo& call) {
  return wrap_representation(call.Env(),
                             std::make_shared<const Normalized>(unwrap_representation(call[0])));
}

// featureCount(representation) → number
Napi::Value feature_count(const Napi::CallbackInfo& call) {
  return Napi::Number::New(call.Env(),
                           static_cast<double>(unwrap_representation(call[0])->features()));
}

/// What the rows of a result are: of atoms or, with a level, of structures.
struct Rows {
  Composition composition;
  std::optional<StructureLevel> level;

  std::size_t features() const { return composition.features(); }
  std::size_t count(const Batch& batch) const { return level ? batch.structures() : batch.atoms(); }
};

std::shared_ptr<const Rows> unwrap_rows(const Napi::Value& handle) {
  return unwrap<const Rows>(handle, kRowsTag, "rows");
}

// createRows([{representation, weight}], level?: {inner, mean}) → handle
Napi::Value create_rows(const Napi::CallbackInfo& call) {
  std::vector<WeightedPart> parts;
  const auto given = call[0].As<Napi::Array>();
  for (std::uint32_t p = 0; p < given.Length(); ++p) {
    const auto part = given.Get(p).As<Napi::Object>();
    parts.push_back({unwrap_representation(part.Get("representation")), number(part, "weight")});
  }
  std::optional<StructureLevel> level;
  if (call[1].IsObject()) {
    const auto of = call[1].As<Napi::Object>();
    level = StructureLevel{flag(of, "inner"), flag(of, "mean")};
  }
  std::shared_ptr<const Rows> rows(new Rows{Composition(std::move(parts)), level});
  return wrap(call.Env(), std::move(rows), kRowsTag);
}

// computeValues(rows, batch, rowOf?: Int32Array(A), values: Float64Array(R·F) or
//               Float32Array(R·F), options)
// With rowOf, which no level has, of the atoms of which it is not −1 but their row, 0 … R − 1.
Napi::Value values(const Napi::CallbackInfo& call) {
  const auto rows = unwrap_rows(call[0]);
  const auto batch = std::make_shared<Batch>(call[1]);
  const auto row_of = array<std::int32_t>(call[2], "rowOf", batch->atoms(), true);
  AtomRows of_atoms{rows->count(*batch), row_of.data};
  if (row_of.data != nullptr) {
    of_atoms.count = 0;
    bool fits = !rows->level;
    for (std::size_t i = 0; i < row_of.size; ++i) of_atoms.count += of_atoms.has(i);
    for (std::size_t i = 0; i < row_of.size; ++i) {
      fits &= !of_atoms.has(i) || of_atoms.of(i) < of_atoms.count;
    }
    if (!fits) throw Napi::RangeError::New(call.Env(), "rowOf");
  }
  return with_reals(call[3], "values", of_atoms.count * rows->features(), [&](auto out) {
    return run_task(call.Env(), call[4],
                    [=](const Execution& execution) {
                      if (rows->level) {
                        compute_structure_values(rows->composition, *rows->level, batch->view(),
                                                 execution, out.data);
                      } else {
                        compute_values(rows->composition, batch->view(), of_atoms, execution,
                                       out.data);
                      }
                    },
                    {}, {call[2], call[3]});
  });
}

// computeVjp(rows, batch, gradient: Float64Array(R·F), positions: Float64Array(3A),
//            strain: Float64Array(9S), options)
Napi::Value vjp(const Napi::CallbackInfo& call) {
  const auto rows = unwrap_rows(call[0]);
  const auto batch = std::make_shared<Batch>(call[1]);
  const auto gradient = array<double>(call[2], "gradient", rows->count(*batch) * rows->features());
  const auto positions = array<double>(call[3], "positions", 3 * batch->atoms());
  const auto strain = array<double>(call[4], "strain", 9 * batch->structures());
  return run_task(call.Env(), call[5],
                  [=](const Execution& execution) {
                    if (rows->level) {
                      compute_structure_vjp(rows->composition, *rows->level, batch->view(),
                                            gradient.data, execution, positions.data, strain.data);
                    } else {
                      compute_vjp(rows->composition, batch->view(), gradient.data, execution,
                                  positions.data, strain.data);
                    }
                  },
                  {}, {call[2], call[3], call[4]});
}

/// A Jacobian with what it borrows.
struct OwnedJacobian {
  std::shared_ptr<const Rows> rows;
  std::shared_ptr<const Batch> batch;
  std::unique_ptr<const RowJacobian> jacobian;
};

// createJacobian(rows, batch, options) → handle
Napi::Value create_jacobian(const Napi::CallbackInfo& call) {
  auto owned = std::make_shared<OwnedJacobian>();
  owned->rows = unwrap_rows(call[0]);
  owned->batch = std::make_shared<Batch>(call[1]);
  return run_task(
      call.Env(), call[2],
      [=](const Execution& execution) {
        const Rows& rows = *owned->rows;
        if (rows.level) {
          owned->jacobian = std::make_unique<StructureJacobian>(rows.composition, *rows.level,
                                                                owned->batch->view(), execution);
        } else {
          owned->jacobian = std::make_unique<CompositionJacobian>(rows.composition,
                                                                  owned->batch->view(), execution);
        }
      },
      [=](Napi::Env env) { return wrap(env, owned, kJacobianTag); });
}

// jacobianRowCount(jacobian) → number
Napi::Value jacobian_row_count(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedJacobian>(call[0], kJacobianTag, "Jacobian");
  return Napi::Number::New(call.Env(), static_cast<double>(owned->jacobian->moved().size()));
}

// jacobianRows(jacobian, first: Float64Array(R + 1), moved: Int32Array(rows), options)
Napi::Value jacobian_rows(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedJacobian>(call[0], kJacobianTag, "Jacobian");
  const auto first = array<double>(call[1], "first", owned->jacobian->first().size());
  const auto moved = array<std::int32_t>(call[2], "moved", owned->jacobian->moved().size());
  return run_task(call.Env(), call[3],
                  [=](const Execution&) {
                    const RowJacobian& jacobian = *owned->jacobian;
                    std::copy(jacobian.first().begin(), jacobian.first().end(), first.data);
                    std::copy(jacobian.moved().begin(), jacobian.moved().end(), moved.data);
                  },
                  {}, {call[1], call[2]});
}

// computeJacobian(jacobian, from, to, values: Float64Array(rows·3·F) or Float32Array(rows·3·F),
//                 options)
Napi::Value jacobian(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedJacobian>(call[0], kJacobianTag, "Jacobian");
  const std::size_t from = count_of(call[1]);
  const std::size_t to = count_of(call[2]);
  const auto& first = owned->jacobian->first();
  if (from > to || to >= first.size()) {
    throw Napi::RangeError::New(call.Env(), "from, to: not a range of rows");
  }
  const auto rows = static_cast<std::size_t>(first[to] - first[from]);
  const std::size_t size = rows * 3 * owned->rows->features();
  return with_reals(call[3], "values", size, [&](auto out) {
    return run_task(call.Env(), call[4],
                    [=](const Execution& execution) {
                      owned->jacobian->compute(from, to, execution, out.data);
                    },
                    {}, {call[3]});
  });
}

}  // namespace

std::shared_ptr<const Representation> unwrap_representation(const Napi::Value& handle) {
  return unwrap<const Representation>(handle, kRepresentationTag, "representation");
}

void export_representations(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"createPowerSpectrum", create_power_spectrum},
                       {"createCoupledPowerSpectrum", create_coupled_power_spectrum},
                       {"createProductBasis", create_product_basis},
                       {"productBlocks", product_blocks},
                       {"productLabels", product_labels},
                       {"createNormalized", create_normalized},
                       {"featureCount", feature_count},
                       {"createRows", create_rows},
                       {"computeValues", values},
                       {"computeVjp", vjp},
                       {"createJacobian", create_jacobian},
                       {"jacobianRowCount", jacobian_row_count},
                       {"jacobianRows", jacobian_rows},
                       {"computeJacobian", jacobian},
                   });
}

}  // namespace soapstone::binding
