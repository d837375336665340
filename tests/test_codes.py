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
