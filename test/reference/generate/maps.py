"""Maps and clusters by scikit-learn and scikit-matter.

    pip install scikit-learn==1.8.0 skmatter==0.4.1 numpy
    python test/reference/generate/maps.py

`samples` are in three clouds, `fresh` are others; `targets` are theirs, centred. `cases` name a method with its options
and hold coordinates of the samples and of the fresh ones. Kernels of KernelPCovR are centred before, which its own
`center` does with another scale. Regularizations are those of scikit-learn: not in parts of the variance.
`clusters` holds labels: of k-means from given centres, DBSCAN, HDBSCAN.
"""

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN, KMeans
from sklearn.decomposition import PCA, KernelPCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise
from skmatter.decomposition import KernelPCovR, PCovR

from fixture import write_fixture


def kernel(name, x, y):
    if name == 'gaussian':
        return pairwise.rbf_kernel(x, y, gamma=1 / (2 * 2.0**2))
    return pairwise.cosine_similarity(x, y) ** 3


def centred(k, of):
    """Kernels of samples with the others, from which the mean of the others is taken."""
    return k - k.mean(axis=1, keepdims=True) - of.mean(axis=0) + of.mean()


def main():
    rng = np.random.default_rng(11)
    centres = rng.normal(size=(3, 6)) * 2.5
    scales = 2.0 ** -np.arange(6)
    draw = lambda n: np.round(np.vstack([c + rng.normal(size=(n, 6)) * scales for c in centres]), 5)
    samples, fresh = draw(16), draw(4)
    weights = rng.normal(size=(6, 2))
    targets = np.round(np.tanh(0.3 * samples @ weights) + 0.05 * rng.normal(size=(48, 2)), 5)
    targets -= targets.mean(axis=0)
    x, new = samples - samples.mean(axis=0), fresh - samples.mean(axis=0)
    cases = []

    pca = PCA(n_components=3, svd_solver='full').fit(samples)
    cases.append({'method': 'pca', 'coordinates': pca.transform(samples).tolist(),
                  'fresh': pca.transform(fresh).tolist(),
                  'explained': pca.explained_variance_ratio_.tolist(),
                  'reconstructed': pca.inverse_transform(pca.transform(fresh)).tolist()})
    for mixing in (0.0, 0.3, 0.9):
        for space in ('feature', 'sample'):
            count = 2 if mixing == 0.0 else 3
            pcovr = PCovR(mixing=mixing, n_components=count, space=space, svd_solver='full',
                          regressor=Ridge(alpha=1e-3, fit_intercept=False, solver='cholesky'))
            pcovr.fit(x, targets)
            cases.append({'method': 'pcovr', 'mixing': mixing, 'space': space, 'regularization': 1e-3,
                          'coordinates': pcovr.transform(x).tolist(),
                          'fresh': pcovr.transform(new).tolist(),
                          'predicted': pcovr.predict(new).tolist(),
                          'reconstructed': pcovr.inverse_transform(pcovr.transform(new)).tolist()})
    for name in ('gaussian', 'dot-product'):
        k, k_new = kernel(name, samples, samples), kernel(name, fresh, samples)
        kpca = KernelPCA(n_components=3, kernel='precomputed').fit(k)
        cases.append({'method': 'kernel-pca', 'kernel': name, 'eigenvalues': kpca.eigenvalues_.tolist(),
                      'coordinates': kpca.transform(k).tolist(), 'fresh': kpca.transform(k_new).tolist()})
        kc, kc_new = centred(k, k), centred(k_new, k)
        for mixing in (0.3, 0.9):
            kpcovr = KernelPCovR(mixing=mixing, n_components=3, kernel='precomputed', svd_solver='full',
                                 regressor=KernelRidge(alpha=1e-2, kernel='precomputed'))
            kpcovr.fit(kc, targets)
            cases.append({'method': 'kernel-pcovr', 'kernel': name, 'mixing': mixing,
                          'regularization': 1e-2, 'coordinates': (kc @ kpcovr.pkt_).tolist(),
                          'fresh': (kc_new @ kpcovr.pkt_).tolist(),
                          'predicted': (kc_new @ kpcovr.pky_).tolist()})

    cloud = np.round(np.vstack([rng.normal(size=(60, 2)) * s + c for s, c in
                                ((0.3, (0, 0)), (0.5, (3, 0)), (0.15, (1.5, 2.5)))]
                               + [rng.uniform(-3, 5, size=(30, 2))]), 4)
    rng.shuffle(cloud)
    clusters = []
    for count in (3, 7):
        starts = cloud[:count]
        means = KMeans(n_clusters=count, init=starts, n_init=1, algorithm='lloyd').fit(cloud)
        clusters.append({'method': 'k-means', 'start': starts.tolist(), 'labels': means.labels_.tolist(),
                         'inertia': means.inertia_, 'centres': means.cluster_centers_.tolist()})
    # The last two start in one place: clusters without points are moved.
    starts = np.vstack([cloud[:2], cloud[1:2] + 50, cloud[1:2] + 60])
    means = KMeans(n_clusters=4, init=starts, n_init=1, algorithm='lloyd').fit(cloud)
    clusters.append({'method': 'k-means', 'start': starts.tolist(), 'labels': means.labels_.tolist(),
                     'inertia': means.inertia_, 'centres': means.cluster_centers_.tolist()})
    for radius, neighbours in ((0.3, 5), (0.6, 4), (0.2, 3), (0.45, 8)):
        labels = DBSCAN(eps=radius, min_samples=neighbours).fit_predict(cloud)
        clusters.append({'method': 'dbscan', 'radius': radius, 'neighbours': neighbours,
                         'labels': labels.tolist()})
    for size, neighbours in ((5, 5), (10, 4), (15, 15)):
        found = HDBSCAN(min_cluster_size=size, min_samples=neighbours, algorithm='brute',
                        copy=True).fit(cloud)
        clusters.append({'method': 'hdbscan', 'leastSize': size, 'neighbours': neighbours,
                         'labels': found.labels_.tolist(),
                         'probabilities': np.round(found.probabilities_, 10).tolist()})

    write_fixture('maps', ['scikit-learn', 'skmatter'], 'Coordinates on maps, and labels of clusters.',
                  samples=samples.tolist(), fresh=fresh.tolist(), targets=targets.tolist(), cases=cases,
                  cloud=cloud.tolist(), clusters=clusters)


if __name__ == '__main__':
    main()
