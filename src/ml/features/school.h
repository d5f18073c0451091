// The programme's school phases: phase 0 is ALFA, 1 to 7 follow the school years, 8 is university.
#pragma once

namespace vigia::features {

inline constexpr double kLastPhase = 8;

// The phase that a pupil of this age (in years) should be in. NaN for NaN.
// Source: the column "Fase Ideal" of the PEDE workbooks, which is exactly this function of the age
// in every row of 2022 and 2023. The lag ("Defasagem") is the phase minus this one.
double IdealPhase(double age);

}  // namespace vigia::features
