"""Sends one request again and again over gRPC: ADDRESS REQUEST CONNECTIONS SECONDS.

Prints the number of answers and the seconds that they took.
"""

import asyncio
import sys
import time
from pathlib import Path

import grpc

address, source, connections, seconds = sys.argv[1:]
request = Path(source).read_bytes()
OWN = [  # a connection for each channel
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
]


async def client(end):
    answers = 0
    async with grpc.aio.insecure_channel(address, OWN) as channel:
        infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        while time.perf_counter() < end:
            await infer(request)
            answers += 1
    return answers


async def main():
    start = time.perf_counter()
    clients = [client(start + float(seconds)) for _ in range(int(connections))]
    answers = sum(await asyncio.gather(*clients))
    print(answers, time.perf_counter() - start)


asyncio.run(main())
