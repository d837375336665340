import numpy as np
import pytest
from scipy import stats

from zspace.codes import Codes, draw_epsilon
from zspace.errors import DataError


def _write(folder, count=10, latent=3, **more):
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(0)
    np.save(folder / "mean.npy", generator.standard_normal((count, latent), dtype=np.float32))
    np.save(folder / "index.npy", np.arange(count))
    for name, array in more.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "codes.json").write_text('{"epsilon_limit": 5.0, "seed": 3}')
    return folder


def test_codes_are_memory_mapped(tmp_path):
    codes = Codes.load(_write(tmp_path / "c", log_variance=np.zeros((10, 3), np.float32)))
    assert isinstance(codes.mean, np.memmap)
    assert (codes.count, codes.latent_size) == (10, 3)


def test_z_is_mean_plus_scaled_noise(tmp_path):
    log_variance = np.full((9000, 3), np.log(4.0), np.float32)
    codes = Codes.load(_write(tmp_path / "c", 9000, log_variance=log_variance))
    np.testing.assert_array_equal(codes.z(epsilon_scale=0), codes.mean)
    noise = (codes.z() - codes.mean) / 2
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-3
    half = (codes.z(epsilon_scale=0.5) - codes.mean) / 2
    np.testing.assert_allclose(half, noise / 2, atol=1e-5)
    assert not np.allclose(codes.z(seed=1), codes.z(seed=2))


def test_a_full_covariance_correlates_the_noise(tmp_path, monkeypatch):
    factor = np.array([[1.0, 0, 0], [-2.0, 0.5, 0], [0.3, 0.7, 0.1]], np.float32)
    arrays = {
        "mean": np.ones((9000, 3), np.float32),
        "log_variance": np.tile(np.log((factor**2).sum(1)), (9000, 1)),
        "scale_tril": np.tile(factor, (9000, 1, 1)),
    }
    codes = Codes.load(_write(tmp_path / "c", 9000, **arrays))
    z = codes.z()
    # Without the limits of ε: white noise again, by the inverse of the factor.
    white = np.linalg.solve(factor.astype(float), (z - 1).T)
    assert stats.kstest(white.ravel(), "norm").pvalue > 1e-3
    covariance = np.cov(z.T)
    expected = factor @ factor.T
    # Standard error of a covariance, by Isserlis' theorem.
    error = np.sqrt((expected**2 + np.outer(np.diag(expected), np.diag(expected))) / 9000)
    assert (abs(covariance - expected) < 4 * error).all()
    np.testing.assert_allclose(codes.z(epsilon_scale=0.5), (z + 1) / 2, atol=1e-5)
    np.testing.assert_array_equal(codes.z(epsilon_scale=0), codes.mean)
    # By rows of their own matrices, few at a time.
    monkeypatch.setattr("zspace.codes._MATRIX_ENTRIES", 9 * 1000)
    np.testing.assert_allclose(codes.z(), z, atol=1e-6)


def test_every_code_has_its_own_covariance(tmp_path):
    factors = np.tril(np.random.default_rng(1).normal(size=(10, 3, 3))).astype(np.float32)
    log_variance = np.log((factors**2).sum(2))
    folder = _write(tmp_path / "c", log_variance=log_variance, scale_tril=factors)
    codes = Codes.load(folder)
    epsilon = draw_epsilon(3, 0, shape=(10, 3), limit=5.0)
    expected = codes.mean + np.stack([one @ two for one, two in zip(factors, epsilon, strict=True)])
    np.testing.assert_allclose(codes.z(), expected, rtol=1e-5, atol=1e-6)
    np.save(folder / "scale_tril.npy", factors[:, :2])
    with pytest.raises(DataError, match=r"arrays of shapes \{'scale_tril': \(10, 3, 3\)\}"):
        Codes.load(folder)


def test_the_scale_of_the_model_is_the_default(tmp_path):
    folder = _write(tmp_path / "c", log_variance=np.zeros((10, 3), np.float32))
    whole = Codes.load(folder).z()
    (folder / "codes.json").write_text('{"epsilon_limit": 5.0, "epsilon_scale": 0.25, "seed": 3}')
    codes = Codes.load(folder)
    np.testing.assert_array_equal(codes.z(), codes.z(epsilon_scale=0.25))
    np.testing.assert_array_equal(codes.z(epsilon_scale=1), whole)
    assert not np.allclose(codes.z(), whole)


def test_the_prior_is_there_where_its_files_are(tmp_path):
    assert Codes.load(_write(tmp_path / "old")).prior_mean is None
    prior = {
        "prior_log_weights": np.log(np.full(4, 0.25, np.float32)),
        "prior_mean": np.ones((4, 3), np.float32),
        "prior_log_variance": np.zeros((4, 3), np.float32),
    }
    codes = Codes.load(_write(tmp_path / "c", **prior))
    for name, expected in prior.items():
        np.testing.assert_array_equal(getattr(codes, name), expected)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("prior_log_weights", (5,)),
        ("prior_log_weights", ()),
        ("prior_mean", (4, 2)),
        ("prior_log_variance", (3, 3)),
        ("prior_mean", None),
        ("prior_log_weights", None),
    ],
)
def test_a_prior_that_does_not_fit_is_refused(tmp_path, name, shape):
    shapes = {"prior_log_weights": (4,), "prior_mean": (4, 3), "prior_log_variance": (4, 3)}
    if shape is None:
        del shapes[name]
    else:
        shapes[name] = shape
    prior = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    with pytest.raises(
        DataError, match=r"arrays of shapes .* were expected, found .* encode again"
    ):
        Codes.load(_write(tmp_path / "c", **prior))


def test_plain_autoencoder_codes_have_no_noise(tmp_path):
    codes = Codes.load(_write(tmp_path / "c"))
    assert codes.log_variance is None
    np.testing.assert_array_equal(codes.z(), codes.mean)


def test_epsilon_is_limited_per_component():
    noise = draw_epsilon(1, 0, shape=(1000, 50), limit=1.0)
    assert np.abs(noise).max() == 1.0
    assert 0.3 < (np.abs(noise) == 1.0).mean() < 0.34
    assert np.abs(draw_epsilon(1, 0, shape=(1000, 50))).max() > 3


def test_broken_codes_are_refused(tmp_path):
    with pytest.raises(DataError, match="zspace encode"):
        Codes.load(tmp_path)
    folder = _write(tmp_path / "c", labels=np.zeros(3, np.int64))
    with pytest.raises(DataError, match="arrays of one length"):
        Codes.load(folder)
    np.save(folder / "labels.npy", np.array([{}] * 10, dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="no readable codes"):
        Codes.load(folder)
