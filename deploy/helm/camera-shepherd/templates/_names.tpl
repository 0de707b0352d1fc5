{{- define "camera-shepherd.name" -}}
{{- if contains "camera-shepherd" .Release.Name -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- else -}}{{ printf "%s-camera-shepherd" .Release.Name | trunc 50 | trimSuffix "-" }}{{- end -}}
{{- end -}}
{{- define "camera-shepherd.account" -}}{{ default (include "camera-shepherd.name" .) .Values.serviceAccount.name }}{{- end -}}
{{- define "camera-shepherd.selector" -}}
app.kubernetes.io/name: camera-shepherd
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "camera-shepherd.labels" -}}
{{ include "camera-shepherd.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}
{{- define "camera-shepherd.image" -}}
{{- if .Values.image.digest -}}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{- else -}}{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}{{- end -}}
{{- end -}}
{{- define "camera-shepherd.frigateNamespace" -}}
{{- $frigate := .Values.config.frigate | default dict -}}
{{- if kindIs "map" $frigate -}}{{ dig "kubernetes" "namespace" .Release.Namespace $frigate }}{{- else -}}{{ .Release.Namespace }}{{- end -}}
{{- end -}}
{{- define "camera-shepherd.hasGitToken" -}}
{{- $frigate := .Values.config.frigate | default dict -}}
{{- if kindIs "map" $frigate -}}{{- if hasPrefix "http" (dig "git" "url" "" $frigate) -}}yes{{- end -}}{{- end -}}
{{- end -}}
{{- define "camera-shepherd.pod" -}}
metadata:
  labels:
    {{- include "camera-shepherd.selector" . | nindent 4 }}
    app.kubernetes.io/component: {{ .Values.mode }}
  annotations:
    checksum/config: {{ toYaml .Values.config | sha256sum }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{- end }}
spec:
  {{- if eq .Values.mode "schedule" }}
  restartPolicy: Never
  {{- end }}
  {{- if eq .Values.mode "host" }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  serviceAccountName: {{ include "camera-shepherd.account" . }}
  automountServiceAccountToken: true
  terminationGracePeriodSeconds: 30
  securityContext:
    {{- if ne .Values.mode "host" }}
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    {{- end }}
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: camera-shepherd
      image: {{ include "camera-shepherd.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- if eq .Values.mode "schedule" }}
      args: [sync, --once, --config, /etc/camera-shepherd/options.yaml]
      {{- else }}
      args: [run, --config, /etc/camera-shepherd/options.yaml]
      {{- end }}
      env:
        - name: CAMERA_SHEPHERD_HTTP__METRICS_PORT
          value: "9090"
        - name: CAMERA_SHEPHERD_HTTP__HOST
          value: "0.0.0.0"
        {{- if .Values.existingSecret }}
        - name: CAMERA_SHEPHERD_HTTP__PORT
          value: "8099"
        - name: CAMERA_SHEPHERD_HTTP__TOKEN_FILE
          value: /run/secrets/camera-shepherd/http-token
        {{- if include "camera-shepherd.hasGitToken" . }}
        - name: CAMERA_SHEPHERD_FRIGATE__GIT__TOKEN_FILE
          value: /run/secrets/camera-shepherd/git-token
        {{- end }}
        {{- end }}
        {{- with .Values.extraEnv }}{{ toYaml . | nindent 8 }}{{- end }}
      {{- if ne .Values.mode "schedule" }}
      ports:
        - {name: http, containerPort: 8099}
        - {name: metrics, containerPort: 9090}
      startupProbe:
        httpGet: {path: /health, port: metrics}
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: {path: /health, port: metrics}
        periodSeconds: 15
      readinessProbe:
        httpGet: {path: /ready, port: metrics}
        periodSeconds: 15
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        {{- if eq .Values.mode "host" }}
        runAsUser: 0
        {{- end }}
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
          {{- if eq .Values.mode "host" }}
          add: [NET_RAW, NET_BIND_SERVICE]
          {{- end }}
      volumeMounts:
        - {name: options, mountPath: /etc/camera-shepherd, readOnly: true}
        {{- if .Values.existingSecret }}
        - {name: secrets, mountPath: /run/secrets/camera-shepherd, readOnly: true}
        {{- end }}
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
  volumes:
    - name: options
      configMap:
        name: {{ include "camera-shepherd.name" . }}
    {{- if .Values.existingSecret }}
    - name: secrets
      secret:
        secretName: {{ .Values.existingSecret }}
        {{- /* ssh takes no key of its own user's that others may read. */}}
        defaultMode: {{ if eq .Values.mode "host" }}256 # 0400{{ else }}288 # 0440{{ end }}
    {{- end }}
    - name: data
      {{- if eq .Values.mode "host" }}
      hostPath:
        path: /var/lib/camera-shepherd
        type: DirectoryOrCreate
      {{- else if .Values.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ default (include "camera-shepherd.name" .) .Values.persistence.existingClaim }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    - name: tmp
      emptyDir: {}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
