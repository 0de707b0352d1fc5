/** What may come of a document in a Kubernetes cluster, and of what brings a repository into use there: a part of `REASONS`. */
export const CLUSTER_REASONS = {
  ClusterUnreachable: {
    title: "The Kubernetes API server does not answer",
    severity: "warning",
    nextStep: "Check the network, or correct kubernetes.kubeconfig.",
  },
  ClusterRefusesLogin: {
    title: "The Kubernetes API server refuses the token or certificate",
    severity: "error",
    nextStep: "Give the pod its service account, or correct the file that kubernetes.kubeconfig names.",
  },
  ClusterForbids: {
    title: "The cluster does not let this program do what it must",
    severity: "error",
    nextStep: "Allow the named verb on the named object in the Role; deploy/kubernetes/rbac.yaml has all that are needed.",
  },
  ClusterRefused: {
    title: "The Kubernetes API server refused",
    severity: "error",
    nextStep: "Read what it said; the remedy depends on it.",
  },
  ClusterUnnamed: {
    title: "It is not known which cluster is meant",
    severity: "error",
    nextStep: "Run the program in the cluster with a service account, or name a kubeconfig under kubernetes.kubeconfig.",
  },
  OwnedElsewhere: {
    title: "Another program keeps this object as its own source says",
    severity: "error",
    nextStep: "Heal through Git (frigate.via: git), or set kubernetes.override: true where the owner leaves it alone.",
  },
  ConfigMapImmutable: {
    title: "The ConfigMap is immutable",
    severity: "error",
    nextStep: "Heal through Git (frigate.via: git), where a new ConfigMap is made for each text.",
  },
  ConfigMapUnused: {
    title: "The ConfigMap does not reach Frigate",
    severity: "error",
    nextStep: "Name the ConfigMap that kubernetes.workload mounts, or have its chart copy it at each start (seedOnly: false).",
  },
  WorkloadMissing: { title: "The workload is not there", severity: "error", nextStep: "Correct kubernetes.workload." },
  PipelineUnreachable: { title: "What brings the repository into use does not answer", severity: "warning", nextStep: "" },
  PipelineRefused: {
    title: "What brings the repository into use refused to be asked",
    severity: "error",
    nextStep: "Correct the token, or allow the named verb on the named object.",
  },
  PipelineMissing: {
    title: "What brings the repository into use is not there",
    severity: "error",
    nextStep: "Correct its name and namespace.",
  },
  PipelineSuspended: {
    title: "What brings the repository into use is suspended",
    severity: "error",
    nextStep: "Resume it; the commit waits in the repository.",
  },
  PipelineFailed: {
    title: "The commit could not be brought into use",
    severity: "error",
    nextStep: "Read what Flux or Argo CD says of it.",
  },
} as const;
