{{- define "countersign.labels" -}}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: countersign
app.kubernetes.io/instance: {{ $.Release.Name | quote }}
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: countersign
app.kubernetes.io/managed-by: {{ $.Release.Service }}
{{- end }}

{{- define "countersign.selector" -}}
app.kubernetes.io/name: countersign
app.kubernetes.io/instance: {{ $.Release.Name | quote }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "countersign.image" -}}
{{- with $.Values.image -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end }}

{{- /* The elements of a list in CEL, as the operator writes them. */ -}}
{{- define "countersign.executors" -}}
{{- range $place, $name := $.Values.executors }}{{ if $place }}, {{ end }}'{{ $name }}'{{ end -}}
{{- end }}

{{- /* As the operator reads it: numbers and truth as in JSON, lists with commas. */ -}}
{{- define "countersign.setting" -}}
{{- if kindIs "slice" . }}{{ join "," . }}{{ else if kindIs "string" . }}{{ . }}{{ else }}{{ toJson . }}{{ end -}}
{{- end }}

{{- /* Pod Security "restricted", and nothing that can be written to. */ -}}
{{- define "countersign.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "countersign.podSecurity" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- /* The operator may act as the executors of one namespace: of the root context and that namespace. */ -}}
{{- define "countersign.acting" -}}
{{- $ := first . }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: countersign-acting
  namespace: {{ last . | quote }}
  labels:
    {{- include "countersign.labels" $ | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: countersign-acting
subjects:
  - kind: ServiceAccount
    name: {{ $.Values.serviceAccount.name | quote }}
    namespace: {{ $.Release.Namespace | quote }}
{{- end }}
