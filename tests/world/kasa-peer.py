"""Discovers a Tapo or Kasa device with python-kasa, and prints as one line of JSON what it was told: kasa-peer.py ADDRESS SECONDS.

The first line is the question that python-kasa sends, in hexadecimal.
"""

import asyncio
import json
import sys

from kasa import Discover
from kasa.discover import _AesDiscoveryQuery


async def main() -> None:
    print(_AesDiscoveryQuery.generate_query().hex())
    found = await Discover.discover(target=sys.argv[1], discovery_timeout=int(sys.argv[2]))
    print(json.dumps({address: device._discovery_info for address, device in found.items()}))


asyncio.run(main())
