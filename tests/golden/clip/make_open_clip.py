"""Writes a small random checkpoint as open_clip names it, and what its tensors are in Hugging Face's layout.

    python make_open_clip.py

The translation below is checked by running both models. Needs torch 2.13.0, transformers 5.18.0 and open_clip_torch 3.3.0.
"""
import json, sys
from pathlib import Path
from unittest.mock import MagicMock

sys.modules["torchvision"] = None  # transformers must not try to load it
import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

for name in ("torchvision", "torchvision.ops", "torchvision.ops.misc", "torchvision.transforms", "torchvision.transforms.functional"):
    sys.modules[name] = MagicMock()  # open_clip asks for it, these models do not use it
import open_clip

HERE = Path(__file__).resolve().parent
CONFIG = dict(
    vision_config=dict(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=8, hidden_act="gelu"),
    text_config=dict(hidden_size=12, intermediate_size=24, num_hidden_layers=2, num_attention_heads=3, vocab_size=40, max_position_embeddings=7, hidden_act="gelu", bos_token_id=38, eos_token_id=39),
    projection_dim=10,
)


def translate(p):
    """open_clip's state dict -> Hugging Face's."""
    out = {
        "logit_scale": p["logit_scale"],
        "visual_projection.weight": p["visual.proj"].T,
        "text_projection.weight": p["text_projection"].T,
        "text_model.embeddings.token_embedding.weight": p["token_embedding.weight"],
        "text_model.embeddings.position_embedding.weight": p["positional_embedding"],
        "vision_model.embeddings.class_embedding": p["visual.class_embedding"],
        "vision_model.embeddings.patch_embedding.weight": p["visual.conv1.weight"],
        "vision_model.embeddings.position_embedding.weight": p["visual.positional_embedding"],
    }
    pairs = [("visual.ln_pre", "vision_model.pre_layrnorm"), ("visual.ln_post", "vision_model.post_layernorm"), ("ln_final", "text_model.final_layer_norm")]
    for i in range(2):
        for own, hf in ((f"visual.transformer.resblocks.{i}", f"vision_model.encoder.layers.{i}"), (f"transformer.resblocks.{i}", f"text_model.encoder.layers.{i}")):
            pairs += [(f"{own}.{a}", f"{hf}.{b}") for a, b in (("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"), ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2"), ("attn.out_proj", "self_attn.out_proj"))]
            for kind in ("weight", "bias"):
                parts = p[f"{own}.attn.in_proj_{kind}"].chunk(3)
                out |= {f"{hf}.self_attn.{m}_proj.{kind}": part for m, part in zip("qkv", parts)}
    return out | {f"{hf}.{kind}": p[f"{own}.{kind}"] for own, hf in pairs for kind in ("weight", "bias")}


def fingerprint(t):
    """Two sums in float64; the second depends on the order of the elements."""
    x = t.double().flatten()
    return [list(t.shape), x.sum().item(), (x * torch.arange(1, len(x) + 1)).sum().item()]


def main():
    torch.manual_seed(1)
    v, t = CONFIG["vision_config"], CONFIG["text_config"]
    model = open_clip.CLIP(
        CONFIG["projection_dim"],
        open_clip.CLIPVisionCfg(layers=2, width=16, head_width=8, mlp_ratio=2, patch_size=8, image_size=16),
        open_clip.CLIPTextCfg(context_length=7, vocab_size=40, width=12, heads=3, layers=2, mlp_ratio=2),
    ).eval()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape) * 0.3)  # zero biases would hide a mistake
    state = {k: x.detach().contiguous().clone() for k, x in model.state_dict().items()}
    hf = CLIPModel(CLIPConfig(**CONFIG)).eval()
    missing = hf.load_state_dict(translate(state), strict=False)
    assert not missing.unexpected_keys and all("position_ids" in k for k in missing.missing_keys), missing
    ids = torch.tensor([[38, 3, 5, 39, 0, 0, 0]])
    image = torch.randn(1, 3, 16, 16)
    with torch.no_grad():
        vision, text = hf.vision_model(pixel_values=image).pooler_output, hf.text_model(input_ids=ids).pooler_output
        torch.testing.assert_close(hf.visual_projection(vision), model.encode_image(image))
        torch.testing.assert_close(hf.text_projection(text), model.encode_text(ids))
    folder = HERE / "open_clip"
    folder.mkdir(exist_ok=True)
    save_file(state, str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=1) + "\n")
    (folder / "hugging_face.json").write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(fingerprint(x))}" for k, x in translate(state).items()) + "\n}\n")


if __name__ == "__main__":
    main()
