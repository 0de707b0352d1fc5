/** Lines of configuration.yaml that show the dashboard of `addon/dashboards`. */
export const DASHBOARD = `
lovelace:
  dashboards:
    camera-shepherd:
      mode: yaml
      title: Cameras
      icon: mdi:sheep
      filename: dashboards/camera_shepherd.yaml
`;
