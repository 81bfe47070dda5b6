"""Reduced configurations against diffusers and transformers, where those are installed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dfsrt.network.sd2.text import build_text_encoder
from dfsrt.network.sd2.unet import build_unet
from dfsrt.network.sd2.vae import build_decoder, build_encoder
from tests.network.test_sd2 import SMALL_TEXT, SMALL_UNET, SMALL_VAE, feed, run

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # those packages warn of each other
]

RESNET = {
    "norm1": "norm1", "norm2": "norm2", "conv1": "conv1", "conv2": "conv2",
    "shortcut": "conv_shortcut", "time": "time_emb_proj",
}  # fmt: skip
BLOCK = {
    "norm1": "norm1", "norm2": "norm2", "norm3": "norm3", "ff.in": "ff.net.0.proj",
    "ff.out": "ff.net.2", "attn1": "attn1", "attn2": "attn2",
}  # fmt: skip


def with_prefix(ours, theirs, table):
    return {f"{ours}.{a}": f"{theirs}.{b}" for a, b in table.items()}


def attention_names(ours, theirs):
    parts = {"to_q": "to_q", "to_k": "to_k", "to_v": "to_v", "to_out": "to_out.0"}
    return with_prefix(ours, theirs, parts)


def transformer_names(ours, theirs):
    names = with_prefix(
        ours, theirs, {"norm": "norm", "proj_in": "proj_in", "proj_out": "proj_out"}
    )
    for a, b in BLOCK.items():
        one, two = f"{ours}.block.{a}", f"{theirs}.transformer_blocks.0.{b}"
        names |= attention_names(one, two) if "attn" in a else {one: two}
    return names


def unet_names(c):
    names = {
        "conv_in": "conv_in", "conv_out": "conv_out", "norm_out": "conv_norm_out",
        "time_embedding.linear_1": "time_embedding.linear_1",
        "time_embedding.linear_2": "time_embedding.linear_2",
    }  # fmt: skip
    for way, count in (("down", c.layers), ("up", c.layers + 1)):
        for level in range(len(c.channels)):
            theirs = f"{way}_blocks.{level}"
            for i in range(count):
                ours = f"{way}.{level}.{i}"
                names |= with_prefix(f"{ours}.resnet", f"{theirs}.resnets.{i}", RESNET)
                names |= transformer_names(f"{ours}.transformer", f"{theirs}.attentions.{i}")
            names[f"{way}.{level}.{way}sample"] = f"{theirs}.{way}samplers.0.conv"
    for i in (1, 2):
        names |= with_prefix(f"mid.resnet{i}", f"mid_block.resnets.{i - 1}", RESNET)
    return names | transformer_names("mid.transformer", "mid_block.attentions.0")


def vae_names(c, half):
    way = "down" if half == "encoder" else "up"
    names = {
        "conv_in": f"{half}.conv_in", "conv_out": f"{half}.conv_out",
        "norm_out": f"{half}.conv_norm_out", "quant_conv": "quant_conv",
        "post_quant_conv": "post_quant_conv",
        "mid.attention.norm": f"{half}.mid_block.attentions.0.group_norm",
    }  # fmt: skip
    names |= attention_names("mid.attention", f"{half}.mid_block.attentions.0")
    for i in (1, 2):
        names |= with_prefix(f"mid.resnet{i}", f"{half}.mid_block.resnets.{i - 1}", RESNET)
    for level in range(len(c.channels)):
        theirs = f"{half}.{way}_blocks.{level}"
        names[f"{way}.{level}.{way}sample"] = f"{theirs}.{way}samplers.0.conv"
        for i in range(c.layers + 1):
            names |= with_prefix(f"{way}.{level}.{i}", f"{theirs}.resnets.{i}", RESNET)
    return names


def text_names(c):
    names = {
        "token_embedding": "embeddings.token_embedding",
        "position_embedding": "embeddings.position_embedding",
        "final_layer_norm": "final_layer_norm",
    }
    for i in range(c.layers):
        ours, theirs = f"layers.{i}", f"encoder.layers.{i}"
        names |= with_prefix(
            ours, theirs,
            {"norm1": "layer_norm1", "norm2": "layer_norm2", "mlp.fc1": "mlp.fc1",
             "mlp.fc2": "mlp.fc2", "attn.to_q": "self_attn.q_proj",
             "attn.to_k": "self_attn.k_proj", "attn.to_v": "self_attn.v_proj",
             "attn.to_out": "self_attn.out_proj"},
        )  # fmt: skip
    return names


def weights_of(model, names, heads):
    """Give our builder the other model's weights; ``heads`` is a head's width by layer name."""
    state = {
        k.removeprefix("text_model."): v.detach().numpy() for k, v in model.state_dict().items()
    }

    def weights(name, shape):
        layer, _, kind = name.rpartition(".")
        array = state[f"{names[layer]}.{kind}"]
        if array.ndim == 2 and "embedding.weight" not in name:
            array = array.T
        if layer.endswith("to_q"):
            array = array / math.sqrt(heads(layer))
        assert array.shape == shape, name
        return array

    return weights


def shake(model, seed=0):
    """Make every weight count: fresh models have zeros and ones in many places."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.05 * torch.randn_like(p))
    return model.eval()


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5 * np.abs(theirs).max())


def assert_same_epsilons(model, theirs, names):
    """Compare every norm's epsilon: too small to show in what a network computes."""
    modules = {name.removeprefix("text_model."): m for name, m in theirs.named_modules()}
    norms = [n for n in model.graph.node if n.op_type.endswith("Normalization")]
    assert norms
    for node in norms:
        (epsilon,) = (a.f for a in node.attribute if a.name == "epsilon")
        assert math.isclose(epsilon, modules[names[node.name]].eps, rel_tol=1e-6), node.name


def test_the_unet_is_that_of_diffusers():
    c = SMALL_UNET
    theirs = shake(diffusers.UNet2DConditionModel(
        in_channels=9, out_channels=4, block_out_channels=c.channels, layers_per_block=c.layers,
        cross_attention_dim=c.context, attention_head_dim=[w // c.head for w in c.channels],
        use_linear_projection=True,
    ))  # fmt: skip
    # At 64 pixels the lowest level normalizes two numbers at a time, which rounds badly.
    model = build_unet(
        128, 2, 7, config=c, weights=weights_of(theirs, unet_names(c), lambda _: c.head)
    )
    assert_same_epsilons(model, theirs, unet_names(c))
    fed = feed(model)
    from diffusers.models.embeddings import get_timestep_embedding

    time = torch.tensor([7.0, 7.0])
    fed["time_sinusoid"] = get_timestep_embedding(
        time, c.channels[0], flip_sin_to_cos=True, downscale_freq_shift=0
    ).numpy()
    (ours,) = run(model, fed)
    with torch.no_grad():
        expected = theirs(torch.tensor(fed["sample"]), time, torch.tensor(fed["prompt"])).sample
    assert_close(ours, expected.numpy())


def small_vae():
    c = SMALL_VAE
    levels = len(c.channels)
    return shake(diffusers.AutoencoderKL(
        block_out_channels=c.channels, layers_per_block=c.layers, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
    ))  # fmt: skip


@pytest.mark.parametrize("half", ["encoder", "decoder"])
def test_the_autoencoder_is_that_of_diffusers(half):
    c, theirs = SMALL_VAE, small_vae()
    build = build_encoder if half == "encoder" else build_decoder
    weights = weights_of(theirs, vae_names(c, half), lambda _: c.channels[-1])
    model = build(64, 1, config=c, weights=weights)
    assert_same_epsilons(model, theirs, vae_names(c, half))
    fed = feed(model)
    (ours,) = run(model, fed)
    with torch.no_grad():
        if half == "encoder":
            expected = theirs.encode(torch.tensor(fed["picture"])).latent_dist.parameters
        else:
            expected = theirs.decode(torch.tensor(fed["latents"])).sample
    assert_close(ours, expected.numpy())


def test_the_text_encoder_is_that_of_transformers():
    c = SMALL_TEXT
    theirs = shake(transformers.CLIPTextModel(transformers.CLIPTextConfig(
        vocab_size=c.words, hidden_size=c.width, intermediate_size=c.inner,
        num_hidden_layers=c.layers, num_attention_heads=c.heads,
        max_position_embeddings=c.positions, hidden_act="gelu", eos_token_id=49,
    )))  # fmt: skip
    names = text_names(c)
    weights = weights_of(theirs, names, lambda _: c.width // c.heads)
    model = build_text_encoder(2, c.positions, config=c, weights=weights)
    assert_same_epsilons(model, theirs, names)
    fed = feed(model)
    (ours,) = run(model, fed)
    with torch.no_grad():
        expected = theirs(torch.tensor(fed["tokens"])).last_hidden_state
    assert_close(ours, expected.numpy())
