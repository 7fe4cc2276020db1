"""Reads every warm-up record below a folder with TensorFlow Serving's own messages: FOLDER."""

import sys
from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

for path in sorted(Path(sys.argv[1]).rglob("tf_serving_warmup_requests")):
    saved = tf.saved_model.load(path.parent.parent)
    for record in tf.data.TFRecordDataset(str(path)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        log.DiscardUnknownFields()
        if log.WhichOneof("log_type") != "predict_log" or log.ByteSize() != len(record.numpy()):
            sys.exit(f"{path} has a record that is no request of predict")
        request = log.predict_log.request
        signature = saved.signatures[request.model_spec.signature_name]
        signature(**{key: tf.make_ndarray(value) for key, value in request.inputs.items()})
        print(f"{request.model_spec.name}.{request.model_spec.signature_name}")
