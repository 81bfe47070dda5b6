"""What lies in an ONNX file, and how it is read: bytes, constants, and names."""
