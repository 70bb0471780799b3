// SPDX-License-Identifier: MIT
#include "assess/polynomial_floor.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <unsupported/Eigen/NonLinearOptimization>

#include "memdyn/core/random.hpp"

namespace memdyn {
namespace {

/// The monomials up to a degree at one point: exponents of the inputs from `input` on, times `product`.
void add_monomials(std::span<const double> x, std::size_t input, unsigned degree, double product,
                   std::vector<double>& all) {
  if (input == x.size()) {
    all.push_back(product);
    return;
  }
  for (unsigned power = 0; power <= degree; ++power, product *= x[input])
    add_monomials(x, input + 1, degree - power, product, all);
}

/// An orthonormal basis of the polynomials on the rows of a data set, row x basis function.
Eigen::MatrixXd orthonormal_basis(const Dataset& data, unsigned degree) {
  const auto rows = static_cast<Eigen::Index>(data.rows());
  Eigen::MatrixXd monomials;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    std::vector<double> all;
    add_monomials(data.input(row), 0, degree, 1.0, all);
    if (row == 0) monomials.resize(rows, std::ssize(all));
    monomials.row(static_cast<Eigen::Index>(row)) = Eigen::Map<Eigen::RowVectorXd>(all.data(), std::ssize(all));
  }
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(monomials);
  return qr.householderQ() * Eigen::MatrixXd::Identity(rows, qr.rank());
}

/// The residuals of p², for the Levenberg-Marquardt algorithm of MINPACK.
struct SquareOf {
  const Eigen::MatrixXd& basis;
  const Eigen::VectorXd& target;

  [[nodiscard]] Eigen::Index inputs() const { return basis.cols(); }
  [[nodiscard]] Eigen::Index values() const { return basis.rows(); }
  int operator()(const Eigen::VectorXd& c, Eigen::VectorXd& residual) const {
    residual = target - (basis * c).array().square().matrix();
    return 0;
  }
  int df(const Eigen::VectorXd& c, Eigen::MatrixXd& slope) const {
    slope = -2.0 * (basis * c).asDiagonal() * basis;
    return 0;
  }
};

/// The signs of p on the rows select a local minimum: the search begins at the polynomials nearest to ±√T, with the
/// signs of random polynomials.
double floor_of_squares(const Eigen::MatrixXd& basis, const Eigen::VectorXd& target) {
  constexpr int starts = 200;  // the best minimum of a quadratic is found from every second start, of a quartic from
                               // one in fifteen
  const Eigen::VectorXd root = target.array().max(0.0).sqrt();
  double least = std::numeric_limits<double>::infinity();
  for (int start = 0; start < starts; ++start) {
    RandomStream random(1, static_cast<std::uint64_t>(start), Purpose::initial_weights);
    Eigen::VectorXd c(basis.cols());
    for (double& one : c) one = random.uniform(-1, 1);
    const Eigen::VectorXd sign = (basis * c).array().sign();
    c = basis.transpose() * (sign.array() * root.array()).matrix();
    SquareOf residuals{basis, target};
    Eigen::LevenbergMarquardt<SquareOf> search(residuals);
    search.parameters.ftol = search.parameters.xtol = 1e-14;
    search.minimize(c);
    least = std::min(least, 0.5 * search.fnorm * search.fnorm);
  }
  return least;
}

}  // namespace

double polynomial_floor(const Dataset& data, unsigned degree, NodeActivation output) {
  if (output == NodeActivation::rectified) return std::nan("");
  const Eigen::MatrixXd basis = orthonormal_basis(data, degree);
  const Eigen::VectorXd target = Eigen::Map<const Eigen::VectorXd>(data.targets.data(), std::ssize(data.targets));
  if (output == NodeActivation::square) return floor_of_squares(basis, target);
  return 0.5 * (target - basis * (basis.transpose() * target)).squaredNorm();
}

}  // namespace memdyn
