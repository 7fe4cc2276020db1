"""Checks that a SavedModel only computes, by reading its bytes before TensorFlow loads it."""

import google.protobuf.message
from tensorflow.core.protobuf import saved_model_pb2

from zoo.errors import CheckFailedError

# A SavedModel is a program, and TensorFlow runs parts of it on loading. So the bytes of
# `saved_model.pb` are read as data, without TensorFlow's loader. The operations that compute are
# allowed; the saver's are allowed only in the saver's own functions.

# These compute their outputs from their inputs alone: none reads or writes a file, draws a random
# number, prints, or calls Python.
_PURE = """
Abs Acos Acosh Add AddN AddV2 All Any ArgMax ArgMin AsString Asin Asinh Atan Atan2 Atanh AvgPool
AvgPool3D BatchMatMul BatchMatMulV2 BatchMatMulV3 BatchToSpaceND BiasAdd BiasAddV1 Bincount
BitwiseAnd BitwiseOr BitwiseXor BroadcastArgs BroadcastTo Cast Ceil Cholesky ClipByValue
ComplexAbs Concat ConcatOffset ConcatV2 Const Conv2D Conv2DBackpropInput Conv3D
Conv3DBackpropInputV2 Cos Cosh CropAndResize Cumprod Cumsum DenseBincount DepthToSpace
DepthwiseConv2dNative Div DivNoNan DynamicPartition DynamicStitch Einsum Elu EmptyTensorList
EnsureShape Equal Erf Erfc Erfinv Exp ExpandDims Expm1 ExtractImagePatches FFT FFT2D Fill Floor
FloorDiv FloorMod FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather GatherNd GatherV2
Greater GreaterEqual IFFT IFFT2D IRFFT IRFFT2D Identity IdentityN Imag Inv Invert
InvertPermutation IsFinite IsInf IsNan L2Loss LRN LeakyRelu LeftShift Less LessEqual Lgamma
LinSpace Log Log1p LogSoftmax LogicalAnd LogicalNot LogicalOr LowerBound MatMul MatrixBandPart
MatrixDeterminant MatrixDiag MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2
MatrixDiagV3 MatrixInverse MatrixSetDiagV3 MatrixSolve MatrixTriangularSolve Max MaxPool MaxPool3D
MaxPoolV2 MaxPoolWithArgmax Maximum Mean Min Minimum MirrorPad Mod Mul MulNoNan Neg NoOp NotEqual
OneHot OnesLike Pack Pad PadV2 ParallelDynamicStitch PartitionedCall Placeholder PlaceholderV2
PlaceholderWithDefault Pow PreventGradient Prod RFFT RFFT2D RaggedGather RaggedRange
RaggedTensorToTensor Range Rank Real RealDiv Reciprocal ReduceJoin RegexFullMatch RegexReplace
Relu Relu6 Reshape ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor ReverseSequence
ReverseV2 RightShift Rint Roll Round Rsqrt ScaleAndTranslate ScatterNd SegmentMax SegmentMean
SegmentMin SegmentProd SegmentSum Select SelectV2 Selu Shape ShapeN Sigmoid Sign Sin Sinh Size
Slice Snapshot Softmax SoftmaxCrossEntropyWithLogits Softplus Softsign SpaceToBatchND SpaceToDepth
SparseSoftmaxCrossEntropyWithLogits SparseToDense Split SplitV Sqrt Square SquaredDifference
Squeeze StatelessCase StatelessIf StatelessWhile StaticRegexFullMatch StaticRegexReplace
StopGradient StridedSlice StringFormat StringJoin StringLength StringLower StringNGrams StringSplit
StringSplitV2 StringStrip StringToHashBucketFast StringToNumber StringUpper Sub Substr Sum Svd Tan
Tanh TensorListConcatV2 TensorListElementShape TensorListFromTensor TensorListGather
TensorListGetItem TensorListLength TensorListPopBack TensorListPushBack TensorListReserve
TensorListResize TensorListSetItem TensorListStack TensorScatterAdd TensorScatterMax
TensorScatterMin TensorScatterSub TensorScatterUpdate Tile TopKV2 Transpose TruncateDiv
TruncateMod UnicodeDecode UnicodeEncode Unique UniqueWithCounts Unpack UnsortedSegmentMax
UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum UpperBound Where Xdivy Xlog1py Xlogy
ZerosLike
"""
# These have a state, all of it inside the model: its variables and its tables of words. The
# functions that the last four call are checked like any other.
_STATEFUL = """
Assert AssignAddVariableOp AssignSubVariableOp AssignVariableOp CheckNumerics DisableCopyOnRead
HashTableV2 InitializeTableV2 LookupTableExportV2 LookupTableFindV2 LookupTableImportV2
LookupTableSizeV2 MutableHashTableV2 ReadVariableOp ResourceGather VarHandleOp VarIsInitializedOp
VariableShape Case If StatefulPartitionedCall While
"""
_SAVING = """
Const DisableCopyOnRead Identity MergeV2Checkpoints NoOp Pack ReadVariableOp SaveV2 Select
ShardedFilename StaticRegexFullMatch StringJoin
"""
_RESTORING = "AssignVariableOp Const Identity NoOp RestoreV2"
ALLOWED = frozenset(f"{_PURE} {_STATEFUL}".split())
SAVING = frozenset(_SAVING.split())
RESTORING = frozenset(_RESTORING.split())
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")


def check(data: bytes) -> None:
    """Raises an error if a SavedModel has an operation that does more than compute.

    Every function in the file is checked, whether it is called or not. The saver's two functions
    write and read checkpoints; nothing but the saver may refer to them.

    Args:
        data: Bytes of `saved_model.pb`.

    Raises:
        CheckFailedError: If there is such an operation, if the graph needs a file or a function
            that is not in it, or if the file is damaged.

    Example:

    >>> check(b"Not a SavedModel.")
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: saved_model.pb is damaged: ...
    """
    graph = _only_graph(data)
    nodes = {node.name: node for node in graph.graph_def.node}
    if len(nodes) < len(graph.graph_def.node):
        raise CheckFailedError("saved_model.pb is damaged: two of its nodes have the same name.")
    saver = {}  # the operations that each function of the saver may have
    for tensor, allowed in (
        (graph.saver_def.save_tensor_name, SAVING),
        (graph.saver_def.restore_op_name, RESTORING),
    ):
        node = nodes.pop(_node(tensor), None)
        if node is not None:
            _require(node, "the saver", _CALLS)
            saver[node.attr["f"].func.name] = allowed
    for node in nodes.values():
        _require(node, "the graph", ALLOWED)
    for function in graph.graph_def.library.function:
        name = function.signature.name
        for node in function.node_def:
            _require(node, f"the function {name}", saver.get(name, ALLOWED))
    _require_whole(graph)
    _require_apart(graph, nodes, saver)


def _only_graph(data):
    saved = saved_model_pb2.SavedModel()
    try:
        saved.ParseFromString(data)
    except google.protobuf.message.DecodeError:
        raise CheckFailedError("saved_model.pb is damaged: it is not a SavedModel.") from None
    if len(saved.meta_graphs) != 1 or not saved.meta_graphs[0].HasField("object_graph_def"):
        raise CheckFailedError(
            "saved_model.pb must hold one graph, with its objects, as zoo.export writes it. "
            f"Received: {len(saved.meta_graphs)} graphs."
        )
    return saved.meta_graphs[0]


def _require_whole(graph):
    """Raises an error if the graph needs a file or a function that is not in it."""
    if graph.asset_file_def:
        names = ", ".join(asset.filename for asset in graph.asset_file_def)
        raise CheckFailedError(f"saved_model.pb must not need files of its own. Received: {names}.")
    library = graph.graph_def.library.function
    nodes = [*graph.graph_def.node, *(node for function in library for node in function.node_def)]
    values = [value for node in nodes for value in node.attr.values()]
    called = {function.name for value in values for function in (value.func, *value.list.func)}
    unknown = called - {"", *(function.signature.name for function in library)}
    if unknown:
        raise CheckFailedError(
            f"saved_model.pb must hold every function that it calls. Received: {min(unknown)}, "
            "which is not in it."
        )


def _require(node, where, allowed):
    if node.op not in allowed:
        raise CheckFailedError(
            f"The SavedModel must only compute: {node.op}, in {where}, is not among the operations "
            "that an export may have."
        )


def _require_apart(graph, nodes, saver):
    """Raises an error if anything but the saver refers to the saver's nodes or functions."""
    named = {_node(tensor) for node in nodes.values() for tensor in node.input}
    for signature in graph.signature_def.values():
        tensors = (*signature.inputs.values(), *signature.outputs.values())
        named |= {_node(name) for tensor in tensors for name in _names(tensor)}
    for collection in graph.collection_def.values():
        named |= {_node(name) for name in collection.node_list.value}
    kept = [
        function
        for function in graph.graph_def.library.function
        if function.signature.name not in saver
    ]
    own = [
        function
        for function in graph.graph_def.library.function
        if function.signature.name in saver
    ]
    rest = type(graph)()
    rest.CopyFrom(graph)
    del rest.graph_def.node[:], rest.graph_def.library.function[:]
    rest.graph_def.node.extend(nodes.values())
    rest.graph_def.library.function.extend(kept)
    content = rest.SerializeToString()
    if (
        named - set(nodes)
        or any(name.encode() in content for name in saver)
        or any(not key.startswith("_") for function in own for key in function.attr)
    ):
        raise CheckFailedError(
            "The SavedModel must only compute: a signature or another object of it reaches the "
            "functions that write and read checkpoints."
        )


def _node(tensor):
    return tensor.removeprefix("^").split(":")[0]


def _names(tensor):
    kind = tensor.WhichOneof("encoding")
    if kind == "name":
        return [tensor.name]
    if kind == "coo_sparse":
        sparse = tensor.coo_sparse
        return [
            sparse.values_tensor_name,
            sparse.indices_tensor_name,
            sparse.dense_shape_tensor_name,
        ]
    if kind == "composite_tensor":
        return [name for part in tensor.composite_tensor.components for name in _names(part)]
    return []
