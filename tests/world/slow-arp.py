#!/usr/bin/python3
"""slow-arp.py INTERFACE DELAY-MS LOSS: answers ARP requests for the interface's own address late, and a share LOSS (0 to 1) never.

For a host whose kernel was told not to answer (arp_ignore = 8): this kernel has no netem, and weak Wi-Fi loses and delays just these packets.
Prints `ready` when it listens.
"""
import fcntl
import random
import socket
import struct
import sys
import threading

SIOCGIFADDR = 0x8915
ETH_P_ARP = 0x0806


def own_address(interface):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as query:
        try:
            return fcntl.ioctl(query.fileno(), SIOCGIFADDR, struct.pack("256s", interface.encode()))[20:24]
        except OSError:
            return None


def main():
    interface, delay, loss = sys.argv[1], float(sys.argv[2]) / 1000, float(sys.argv[3])
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
    wire.bind((interface, ETH_P_ARP))
    own_mac = wire.getsockname()[4]
    print("ready", flush=True)
    while True:
        frame, origin = wire.recvfrom(2048)
        if origin[2] == socket.PACKET_OUTGOING or len(frame) < 42:
            continue
        operation, sender_mac, sender, _, target = struct.unpack("!H6s4s6s4s", frame[20:42])
        if operation != 1 or target != own_address(interface) or random.random() < loss:
            continue
        reply = sender_mac + own_mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, 2) + own_mac + target + sender_mac + sender
        threading.Timer(delay, wire.send, [reply]).start()


main()
