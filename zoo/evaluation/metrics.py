"""Figures of one set of images and their reconstructions, or of their codes."""

import math

import numpy as np


def mse(images, reconstructions) -> float:
    """Squared error, mean over pixels and images."""
    difference = np.asarray(images, np.float32) - np.asarray(reconstructions, np.float32)
    return float(np.mean(np.square(difference), dtype=np.float64))


def sse(images, reconstructions) -> float:
    """Squared error summed over an image, mean over images (Hinton & Salakhutdinov, 2006)."""
    return mse(images, reconstructions) * math.prod(images.shape[1:])


def psnr(images, reconstructions) -> float:
    """Peak signal-to-noise ratio of the mean squared error, in dB, for a peak of 1; at most 120."""
    return -10 * math.log10(max(mse(images, reconstructions), 1e-12))


def knn_accuracy(train_codes, train_labels, test_codes, test_labels, neighbours=5) -> float:
    """Share of test codes whose class most of the nearest training codes have (Euclidean)."""
    from sklearn.neighbors import KNeighborsClassifier

    neighbours = min(neighbours, len(train_codes))
    classifier = KNeighborsClassifier(neighbours, algorithm="brute")
    classifier.fit(train_codes.reshape(len(train_codes), -1), train_labels)
    return float(classifier.score(test_codes.reshape(len(test_codes), -1), test_labels))
