module camera-shepherd/parts/go2rtc

go 1.26

require github.com/AlexxIT/go2rtc v1.9.9
