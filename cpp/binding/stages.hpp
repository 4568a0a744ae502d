#pragma once

#include "binding/napi.hpp"

namespace soapstone::binding {

// Each stage adds its functions to the object that the addon exports.

void export_system(Napi::Env env, Napi::Object exports);
void export_math(Napi::Env env, Napi::Object exports);
void export_neighbours(Napi::Env env, Napi::Object exports);
void export_density(Napi::Env env, Napi::Object exports);
void export_representations(Napi::Env env, Napi::Object exports);
void export_kernels(Napi::Env env, Napi::Object exports);
void export_selection(Napi::Env env, Napi::Object exports);
void export_regression(Napi::Env env, Napi::Object exports);
void export_learning(Napi::Env env, Napi::Object exports);
void export_covariates(Napi::Env env, Napi::Object exports);
void export_analysis(Napi::Env env, Napi::Object exports);
void export_channels(Napi::Env env, Napi::Object exports);

}  // namespace soapstone::binding
