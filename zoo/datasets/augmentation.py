"""Images beside themselves, slightly deformed: more to learn from where labels do not change."""

import numpy as np


def with_jittered_copies(images, copies: int, seed: int, deviation: float = 0.03) -> np.ndarray:
    """The images, then `copies` times all of them under small affine maps, drawn by seed.

    Each entry of a map's matrix differs from the identity's by N(0, deviation²); it turns, zooms
    and shears about the centre, and shifts by N(0, deviation²) of half the size.

    Args:
        images: float32, `(rows, height, width, channels)`.
        copies: of each image.
        seed: of the maps.
        deviation: of each entry.

    Returns:
        float32, `((1 + copies) * rows, height, width, channels)`.
    """
    from keras import ops

    height, width = images.shape[1:3]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])  # of x, of y
    random = np.random.default_rng(seed)
    parts = [images]
    for _ in range(copies):
        for batch in np.array_split(images, max(1, len(images) // 5000)):
            matrix = np.eye(2) + random.normal(0, deviation, (len(batch), 2, 2))
            shift = random.normal(0, deviation, (len(batch), 2)) * middle
            shift += middle - matrix @ middle
            maps = np.zeros((len(batch), 8))  # x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5
            maps[:, [0, 1, 3, 4]] = matrix.reshape(-1, 4)
            maps[:, [2, 5]] = shift
            moved = ops.image.affine_transform(batch, maps.astype(np.float32))
            parts.append(np.clip(ops.convert_to_numpy(moved), 0, 1))
    return np.concatenate(parts).astype(np.float32, copy=False)
