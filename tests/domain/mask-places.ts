/** Where credentials stand in go2rtc's, Frigate's and people's documents. `•` marks the secret; `simple`: it is made of letters and digits there. */
export interface Place {
  readonly text: string;
  /** Where more than the secret is hidden. */
  readonly masked?: string;
  readonly simple?: true;
}

const URLS: readonly Place[] = [
  { text: "rtsp://•@192.168.1.10:554/live" },
  { text: "onvif://•@192.168.1.10:2020?subtype=MediaProfile00000" },
  { text: "tapo://•@192.168.1.10?subtype=1" },
  { text: "tapo:•@192.168.1.10", simple: true },
  { text: "ffmpeg:https://•@192.168.1.10/cgi-bin/snapshot.cgi?channel=1#video=h264" },
  { text: "rtsp://192.168.1.10:4567/media.amp#transport=ws://•@192.168.1.10:4567/rtsp-over-websocket" },
  { text: "http://192.168.1.10/flv?port=1935&app=bcs&stream=channel0_main.bcs&user=•&password=•" },
  { text: "http://192.168.1.10/videostream.cgi?user=•&pwd=•&resolution=32" },
  { text: "http://192.168.1.10/snap.jpg?username=•&password=•#header=Accept: image/jpeg" },
  { text: "http://192.168.1.10/cgi?cmd=get&-usr=•&-pwd=•" },
  { text: "rtmp://192.168.1.10/bcs/channel0_main.bcs?channel=0&stream=0&user=•&password=•" },
  { text: "srt://192.168.1.10:9000?mode=caller&passphrase=•" },
  { text: "hass://192.168.1.5:8123?entity_id=camera.door&token=•" },
  { text: "hass:?url=ws://supervisor/core/websocket&token=•" },
  { text: "ring:?device_id=ABC&refresh_token=•&snapshot" },
  { text: "ring:?device_id=ABC&email=•&password=•&code=•" },
  { text: "nest:?client_id=X&client_secret=•&refresh_token=•&project_id=Y&device_id=Z" },
  { text: "wyze://192.168.1.10?uid=ABC&enr=•&mac=80482C000001&model=HL_CAM4&dtls=true" },
  { text: "homekit://192.168.1.10:5533?device_id=AA:BB&feature=1&client_id=x&client_private=•&device_public=y" },
  { text: "homekit://192.168.1.10:5533?device_id=AA:BB&pin=•" },
  { text: "tuya://protect-eu.ismartlife.me?device_id=X&email=•&password=•" },
  { text: "tuya://openapi.tuyaeu.com?device_id=X&uid=Y&client_id=Z&client_secret=•" },
  { text: "roborock://abc.roborock.com?u=•&s=•&k=•&did=X&key=•&pin=•" },
  { text: "xiaomi://123456:de@192.168.1.10?did=1&model=x&sign=•", masked: "xiaomi://***@192.168.1.10?did=1&model=x&sign=***" },
  { text: "webtorrent:?share=huofssuxaty00izc&pwd=•" },
  { text: "webrtc:wss://x.kinesisvideo.eu-west-1.amazonaws.com/?X-Amz-Algorithm=A&X-Amz-Credential=•&X-Amz-Signature=•#format=kinesis" },
  { text: "http://192.168.1.5:1984/api/streams?name=front&src=rtsp%3A%2F%2F•%40192.168.1.10%2Flive", simple: true },
  { text: "http://192.168.1.5:1984/api/streams?src=http%3A%2F%2Fh%2Fflv%3Fuser%3D•%26password%3D•&name=front", simple: true },
  { text: "rtmp://a.rtmp.youtube.com/live2/•", simple: true },
  { text: "rtmps://dc4-1.rtmp.t.me/s/•", simple: true },
  { text: "rtmps://live-api-s.facebook.com:443/rtmp/•", simple: true },
  { text: "rtspx://192.168.1.2:7441/aaaaaaaaaaaa•", masked: "rtspx://192.168.1.2:7441/***", simple: true },
];

const COMMANDS: readonly Place[] = [
  {
    text: "exec:curl -s -u •:• http://192.168.1.10/video.mjpg -o -#killsignal=15",
    masked: "exec:curl -s -u *** http://192.168.1.10/video.mjpg -o -#killsignal=15",
  },
  { text: "exec:curl -u 'viewer:•' http://192.168.1.10/a", masked: "exec:curl -u '***' http://192.168.1.10/a" },
  { text: 'exec:curl -sku "viewer:•" http://192.168.1.10/a', masked: 'exec:curl -sku "***" http://192.168.1.10/a' },
  { text: "exec:curl -uviewer:• http://192.168.1.10/a", masked: "exec:curl -u*** http://192.168.1.10/a" },
  { text: "exec:curl --digest --user viewer:• http://192.168.1.10/a", masked: "exec:curl --digest --user *** http://192.168.1.10/a" },
  { text: "exec:curl --user=viewer:• http://192.168.1.10/a", masked: "exec:curl --user=*** http://192.168.1.10/a" },
  { text: "exec:wget -qO- --user=viewer --password=• http://192.168.1.10/a" },
  { text: "exec:bridge --token • --address 192.168.1.10" },
  { text: "exec:bridge --api-key='•' 192.168.1.10" },
  { text: "ngrok tcp 8555 --authtoken •" },
  { text: "exec:env CAMERA_PASSWORD=• python3 -u /config/script.py 192.168.1.10" },
  { text: "exec:sshpass -p • ssh viewer@192.168.1.10 cat /dev/video" },
  { text: "echo:mosquitto_sub -h 192.168.1.5 -u viewer -P • -t x" },
  {
    text: 'exec:curl -H "Authorization: Basic •" http://192.168.1.10/a',
    masked: 'exec:curl -H "Authorization: ***" http://192.168.1.10/a',
  },
  { text: "exec:curl -H 'X-Api-Key: •' http://192.168.1.10/a" },
  {
    text: String.raw`exec:ffmpeg -headers "Authorization: Bearer •\r\n" -i http://192.168.1.10/a -f rtsp {output}`,
    masked: String.raw`exec:ffmpeg -headers "Authorization: ***\r\n" -i http://192.168.1.10/a -f rtsp {output}`,
  },
  {
    text: "https://192.168.1.10/a.mjpeg#header=Authorization: Bearer •#video=copy",
    masked: "https://192.168.1.10/a.mjpeg#header=Authorization: ***#video=copy",
  },
  {
    text: "https://192.168.1.10/a.mjpeg#header=Cookie: session=•#video=copy",
    masked: "https://192.168.1.10/a.mjpeg#header=Cookie: ***#video=copy",
  },
  {
    text: "https://192.168.1.10/a.mjpeg#header=Cookie: lang=en; session=•; b=•#video=copy",
    masked: "https://192.168.1.10/a.mjpeg#header=Cookie: ***#video=copy",
    simple: true,
  },
  { text: "https://192.168.1.10/a.mjpeg#header=X-Auth-Token: •" },
  { text: "https://192.168.1.10/a.mjpeg#header=Token: •#video=copy" },
  { text: "exec:curl -H 'Password: •' http://192.168.1.10/a" },
  {
    text: 'exec:ffmpeg -cookies "sid=•; path=/" -i http://192.168.1.10/a -f rtsp {output}',
    masked: 'exec:ffmpeg -cookies "***" -i http://192.168.1.10/a -f rtsp {output}',
  },
  { text: "exec:curl -s -b 'sid=•' http://192.168.1.10/a", masked: "exec:curl -s -b '***' http://192.168.1.10/a" },
  { text: "exec:curl --cookie sid=• http://192.168.1.10/a", masked: "exec:curl --cookie *** http://192.168.1.10/a" },
  { text: "exec:curl -4su viewer:• http://192.168.1.10/a", masked: "exec:curl -4su *** http://192.168.1.10/a" },
  { text: "exec:curl -mu viewer:• http://192.168.1.10/a", masked: "exec:curl -mu *** http://192.168.1.10/a" },
  { text: "exec:curl -s -E c.pem:• https://192.168.1.10/a", masked: "exec:curl -s -E *** https://192.168.1.10/a" },
  { text: "exec:docker exec box curl -u viewer:• http://192.168.1.10/a", masked: "exec:docker exec box curl -u *** http://192.168.1.10/a" },
  { text: "exec:docker exec -u 1000:1000 box tool -u 1000:• x", masked: "exec:docker exec -u 1000:1000 box tool -u *** x" },
  { text: "exec:http -a viewer:• 192.168.1.10/a", masked: "exec:http -a *** 192.168.1.10/a" },
  { text: "exec:openssl enc -d -aes256 -k • -in /config/a" },
  { text: "exec:rtmpdump -r rtmp://192.168.1.10/live/a -P • -o -" },
  { text: "exec:smbclient -U viewer%• //192.168.1.5/share", masked: "exec:smbclient -U *** //192.168.1.5/share" },
  { text: "exec:curl --cert c.pem:• https://192.168.1.10/a", masked: "exec:curl --cert *** https://192.168.1.10/a" },
  { text: "exec:http --auth viewer:• 192.168.1.10/a", masked: "exec:http --auth *** 192.168.1.10/a" },
  { text: "exec:gst-launch-1.0 rtspsrc location=rtsp://192.168.1.10/a user-id=viewer user-pw=• ! fdsink" },
  { text: "exec:cvlc rtsp://192.168.1.10/a :rtsp-pwd=•" },
  { text: "exec:env SSHPASS=• sshpass -e ssh viewer@192.168.1.10 cat /dev/video" },
  { text: "exec:sshpass -v -p • ssh viewer@192.168.1.10 cat /dev/video" },
  { text: "exec:env PW=• /config/script.sh 192.168.1.10" },
  { text: "expr: let pass = '•'; fetch('http://192.168.1.10')" },
  { text: "expr: let password = '•'; fetch('http://192.168.1.10')" },
  { text: `expr: fetch(url, {headers: {'Authorization': 'Bearer •'}})`, masked: `expr: fetch(url, {headers: {'Authorization': '***'}})` },
  { text: '[{"cmd":"Login","param":{"User":{"password":"•"}}}]' },
  { text: '#ice_servers=[{"urls":"turn:192.168.1.5","credential":"•"}]' },
];

/** Places within a line of text: sources, commands, messages. */
export const PLACES: readonly Place[] = [...URLS, ...COMMANDS];

/** What must stay as it is. */
export const PLAIN = [
  "rtsp://192.168.1.10:554/cam/realmonitor?channel=1&subtype=0&unicast=true&proto=Onvif",
  "rtmp://192.168.1.10/live/camera1",
  "rtmp://nvr.local/live/camera1",
  "rtsp://192.168.1.10:7441/live",
  "http://192.168.1.10/video?resolution=640x480#header=Accept: image/jpeg#video=copy",
  "exec:python3 -u /config/script.py http://192.168.1.10/a",
  "exec:docker run -u 1000 x",
  "exec:docker run --rm -u 1000:1000 x",
  "exec:podman run --user=1000:1000 x",
  "ssh://git@git.example.org/home.git",
  "exec:ffmpeg -re -i /media/a.mp4 -c copy -pass 1 -rtsp_transport tcp -f rtsp {output}",
  "exec:curl -s -o - -b /config/jar.txt http://192.168.1.10/a",
  "exec:gst-launch-1.0 rtspsrc location=rtsp://192.168.1.10/a latency=0 ! fdsink",
  "exec:bridge --auth digest --login-timeout 5 COMPASS north",
  "The camera offers only Basic, which would show the password",
  "Basic authentication needs allow_basic; a Bearer token is sent along",
  "http.token: expected a text; mqtt.password is empty",
  "the key binding/front=192.168.1.10; keyframe=3; monkey: banana",
  "nothing to hide: a@b.example",
] as const;
