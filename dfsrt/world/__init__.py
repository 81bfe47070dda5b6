"""The world around an NPU while it runs: components, heat, battery and limits."""
