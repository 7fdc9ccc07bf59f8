"""FloodDiffusion's networks in PyTorch: denoiser, causal VAE, text encoders, checkpoints."""
