"""A server of exported models that speaks the Open Inference Protocol over HTTP and gRPC."""
