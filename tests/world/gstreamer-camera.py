#!/usr/bin/python3
"""gstreamer-camera.py PORT PATH REALM: an RTSP server by GStreamer that serves H.264 behind Digest.

The first line of standard input is `USER PASSWORD`. A later line `down` closes all sessions and the port, `up` opens it again; each is
answered by `ready`. It ends with its standard input. Prints `ready` at the start, and `request METHOD URL PEER` for each request that passed the password. Run it with /usr/bin/python3: the GStreamer
bindings are Debian's.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

VIDEO = (
    "( videotestsrc is-live=true pattern=smpte ! video/x-raw,width=640,height=360,framerate=10/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)


def on_connected(_server, client):
    peer = client.get_connection().get_ip()
    for signal, method in (("describe-request", "DESCRIBE"), ("play-request", "PLAY")):
        client.connect(signal, lambda _client, context, name: print("request", name, context.uri.abspath, peer, flush=True), method)


def main():
    port, path, realm = sys.argv[1:4]
    user, password = sys.stdin.readline().split()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_service(port)
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.set_realm(realm)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(VIDEO)
    permissions = GstRtspServer.RTSPPermissions()
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("user", permission, True)
    factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)
    server.connect("client-connected", on_connected)
    source = server.attach(None)
    loop = GLib.MainLoop()

    def on_command(_channel, _condition):
        nonlocal source
        command = sys.stdin.readline()
        if command == "":
            loop.quit()
            return False
        if command == "down\n" and source != 0:
            GLib.source_remove(source)
            source = 0
            server.client_filter(lambda _server, _client: GstRtspServer.RTSPFilterResult.REMOVE)
        if command == "up\n" and source == 0:
            source = server.attach(None)
        print("ready", flush=True)
        return True

    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_command)
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
