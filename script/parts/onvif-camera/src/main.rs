//! `onvif-camera HOST PORT RTSP_URI UUID SERIAL [USER]`
//!
//! An ONVIF device at HOST:PORT that announces itself by WS-Discovery with UUID as its endpoint reference. The same UUID
//! started at another address is a camera that moved. With USER it asks for a password, read from `ONVIF_PASSWORD`.

use async_trait::async_trait;
use onvif_server::{DeviceInfo, DeviceService, MediaService, OnvifError, OnvifServer};
use std::error::Error;
use std::process::ExitCode;

#[derive(Clone)]
struct Camera {
    stream: String,
    serial: String,
}

#[async_trait]
impl DeviceService for Camera {
    async fn get_device_information(&self) -> Result<DeviceInfo, OnvifError> {
        Ok(DeviceInfo {
            manufacturer: "Acme".into(),
            model: "IPC-1".into(),
            firmware_version: "1.0".into(),
            serial_number: self.serial.clone(),
            hardware_id: "IPC-1-A".into(),
        })
    }
}

#[async_trait]
impl MediaService for Camera {
    async fn get_stream_uri(&self, _profile: &str) -> Result<String, OnvifError> {
        Ok(self.stream.clone())
    }

    async fn get_snapshot_uri(&self, _profile: &str) -> Result<String, OnvifError> {
        Ok(self.stream.replacen("rtsp", "http", 1))
    }
}

async fn serve(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [host, port, stream, uuid, serial, user @ ..] = arguments else {
        return Err("usage: onvif-camera HOST PORT RTSP_URI UUID SERIAL [USER]".into());
    };
    let camera = Camera { stream: stream.clone(), serial: serial.clone() };
    let mut server = OnvifServer::builder()
        .port(port.parse()?)
        .advertised_host(host)
        .device_service(camera.clone())
        .media_service(camera)
        .discovery_uuid(uuid::Uuid::parse_str(uuid)?);
    if let [name, ..] = user {
        server = server.auth(name, &std::env::var("ONVIF_PASSWORD")?);
    }
    server.build()?.run().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match serve(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("onvif-camera: {error}");
            ExitCode::FAILURE
        }
    }
}
