"""Signatures of exported folders: real keys, real changes, and the command of others."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from typer.testing import CliRunner

import zoo
from zoo.cli import app
from zoo.errors import CheckFailedError, UsageError
from zoo.exporting import sign

PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8


def write_keys(folder, name, key, encryption=None):
    encryption = encryption or serialization.NoEncryption()
    (folder / f"{name}.pem").write_bytes(key.private_bytes(PEM, PKCS8, encryption))
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    (folder / f"{name}.pub").write_bytes(key.public_key().public_bytes(PEM, public))


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("own", "other"):
        write_keys(folder, name, ec.generate_private_key(ec.SECP256R1()))
    locked = serialization.BestAvailableEncryption(b"secret")
    write_keys(folder, "locked", ec.generate_private_key(ec.SECP384R1()), locked)
    write_keys(folder, "rsa", rsa.generate_private_key(65537, 2048))
    (folder / "none.pem").write_text("no key")
    return folder


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed") / "bundle"
    zoo.export(zoo.build("pca", input_shape=(6, 6, 1), latent_dim=2), folder)
    return folder


@pytest.fixture
def signed(exported, keys, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "bundle")
    assert sign(folder, keys / "own.pem") == folder / "model.sig"
    return folder


def test_a_signed_folder_is_verified_and_opens(signed, keys):
    report = zoo.verify(signed, keys / "own.pub")
    assert (report["signature"], report["rows"]) == ("valid", 7)
    assert "signature" not in zoo.verify(signed)
    assert zoo.load(signed).encode(np.zeros((1, 6, 6, 1), "float32")).shape == (1, 2)


def test_the_command_of_model_signing_verifies_it_too(signed, keys):
    program = Path(sys.executable).with_name("model_signing")
    options = ["--signature", signed / "model.sig", "--public_key", keys / "own.pub"]
    command = [program, "verify", "key", signed, *options]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def other_weights(folder):
    shutil.rmtree(folder)
    model = zoo.build("pca", input_shape=(6, 6, 1), latent_dim=2)
    model.set_weights([weights + 1 for weights in model.get_weights()])
    zoo.export(model, folder)


def another_export_with_the_old_signature(folder, keys):
    """Every hash of the new export is right: only the signature tells them apart."""
    old = (folder / "model.sig").read_bytes()
    other_weights(folder)
    zoo.verify(folder)
    (folder / "model.sig").write_bytes(old)


def another_owner(folder, keys):
    sign(folder, keys / "other.pem")


def no_signature(folder, keys):
    (folder / "model.sig").unlink()


def a_cut_signature(folder, keys):
    data = (folder / "model.sig").read_bytes()
    (folder / "model.sig").write_bytes(data[: len(data) // 2])


def an_empty_signature(folder, keys):
    (folder / "model.sig").write_bytes(b"{}")


def a_changed_file(folder, keys):
    data = bytearray((folder / "encoder.onnx").read_bytes())
    data[-1] ^= 1
    (folder / "encoder.onnx").write_bytes(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (another_export_with_the_old_signature, "is not a signature of these files by the key"),
        (another_owner, "is not a signature of these files by the key"),
        (no_signature, "is not signed: it has no model.sig"),
        (a_cut_signature, "is not a signature of these files by the key"),
        (an_empty_signature, "is not a signature of these files by the key"),
        (a_changed_file, "its sha256 differs"),
    ],
)
def test_what_was_not_signed_is_refused(change, said, signed, keys):
    change(signed, keys)
    with pytest.raises(CheckFailedError, match=said):
        zoo.verify(signed, keys / "own.pub")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.pem", "is not a private key"),
        ("own.pub", "is not a private key"),
        ("rsa.pem", "is not a private key"),
        ("locked.pem", "is not a private key"),
        ("absent.pem", "cannot be read"),
    ],
)
def test_keys_that_cannot_sign(name, said, exported, keys, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "bundle")
    with pytest.raises(UsageError, match=said):
        sign(folder, keys / name)
    assert not (folder / "model.sig").exists()


@pytest.mark.parametrize("name", ["none.pem", "own.pem", "rsa.pub", "absent.pub"])
def test_keys_that_cannot_verify(name, signed, keys):
    with pytest.raises(UsageError):
        zoo.verify(signed, keys / name)


def test_the_command_line_signs_and_verifies(exported, keys, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_KEY_PASSWORD", "secret")
    folder = str(shutil.copytree(exported, tmp_path / "bundle"))
    run = CliRunner().invoke(app, ["sign", folder, "--key", str(keys / "locked.pem")])
    assert run.exit_code == 0, run.output
    run = CliRunner().invoke(app, ["verify", folder, "--key", str(keys / "locked.pub")])
    assert run.exit_code == 0, run.output
    assert "valid" in run.stdout
    run = CliRunner().invoke(app, ["verify", folder, "--key", str(keys / "own.pub")])
    assert run.exit_code == 1
