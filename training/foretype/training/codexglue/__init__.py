"""Line-level code completion as CodeXGLUE asks for it (Lu et al. 2021, section 3.5): its format, its measures."""
