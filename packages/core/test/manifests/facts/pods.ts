import { containers, each, type Fact, find, get, is, isTraefik, list, ofKind } from "./fact.ts";

/** A service's own base: pods, and who scales and finds them. */
export const POD_FACTS: readonly Fact[] = [
  {
    claim: "a Deployment that an HPA scales has no replicas of its own",
    violations: each(["Deployment"], (deployment, objects) => {
      const isScaled = ofKind(objects, "HorizontalPodAutoscaler").some((scaler) =>
        is(scaler, "spec.scaleTargetRef.name", deployment.metadata?.name),
      );
      return !isScaled || get(deployment, "spec", "replicas") === undefined;
    }),
    mistakes: [[/"revisionHistoryLimit":2,"selector"/, '"replicas":1,"selector"']],
  },
  {
    claim: "a disruption budget counts who may be missing: one replica holds up no drain",
    violations: each(
      ["PodDisruptionBudget"],
      (budget) => is(budget, "spec.maxUnavailable", 1) && is(budget, "spec.minAvailable", undefined),
    ),
    mistakes: [
      [/"maxUnavailable":1,"selector"/, '"minAvailable":1,"selector"'],
      [/"maxUnavailable":1,"selector"/, '"maxUnavailable":0,"selector"'],
    ],
  },
  {
    claim: "an HPA counts the service's container, not the mesh's",
    violations: each(["HorizontalPodAutoscaler"], (scaler, objects) => {
      const target = find(
        objects,
        "Deployment",
        scaler.metadata?.namespace,
        get(scaler, "spec", "scaleTargetRef", "name"),
      );
      const names = target === undefined ? [] : containers(target).map(({ name }) => name);
      return list(scaler, "spec", "metrics").every(
        (metric) =>
          metric.type === "ContainerResource" &&
          names.includes(get(metric, "containerResource", "container")),
      );
    }),
    mistakes: [
      [
        /"type":"ContainerResource","containerResource":\{"name":"cpu","container":"[^"]+"/,
        '"type":"Resource","resource":{"name":"cpu"',
      ],
      [/"container":"api"/, '"container":"sidecar"'],
    ],
  },
  {
    claim: "a service's pod sleeps 3 s before it ends, well within its grace period",
    violations: each(["Deployment"], (deployment) => {
      const grace = Number(get(deployment, "spec", "template", "spec", "terminationGracePeriodSeconds"));
      return (
        isTraefik(deployment) ||
        containers(deployment).every((one) => {
          const sleep = Number(get(one, "lifecycle", "preStop", "sleep", "seconds"));
          return sleep >= 3 && grace >= sleep + 10;
        })
      );
    }),
    mistakes: [
      [/"sleep":\{"seconds":3\}/, '"sleep":{"seconds":2}'],
      [/"terminationGracePeriodSeconds":30/, '"terminationGracePeriodSeconds":5'],
    ],
  },
  {
    claim: "pods keep to Pod Security restricted",
    violations: each(
      ["Deployment"],
      (deployment) =>
        is(deployment, "spec.template.spec.securityContext.runAsNonRoot", true) &&
        is(deployment, "spec.template.spec.securityContext.seccompProfile.type", "RuntimeDefault") &&
        containers(deployment).every(
          (one) =>
            is(one, "securityContext.allowPrivilegeEscalation", false) &&
            is(one, "securityContext.capabilities", { drop: ["ALL"] }),
        ),
    ),
    mistakes: [
      [/"runAsNonRoot":true/, '"runAsNonRoot":false'],
      [/,"seccompProfile":\{"type":"RuntimeDefault"\}/, ""],
      [/"allowPrivilegeEscalation":false,/, ""],
      [/"drop":\["ALL"\]/, '"drop":["NET_RAW"]'],
    ],
  },
  {
    claim: "containers write to /tmp and nowhere else",
    violations: each(["Deployment"], (deployment) => {
      const emptyDirs = list(deployment, "spec", "template", "spec", "volumes").filter(
        ({ emptyDir }) => emptyDir !== undefined,
      );
      return containers(deployment).every(
        (one) =>
          is(one, "securityContext.readOnlyRootFilesystem", true) &&
          (isTraefik(deployment) ||
            list(one, "volumeMounts").some(
              ({ name, mountPath }) =>
                mountPath === "/tmp" && emptyDirs.some((volume) => volume.name === name),
            )),
      );
    }),
    mistakes: [
      [/"readOnlyRootFilesystem":true/, '"readOnlyRootFilesystem":false'],
      [/"mountPath":"\/tmp"/, '"mountPath":"/var"'],
    ],
  },
  {
    claim: "a service's pods and accounts have no token of the API server",
    violations: (objects, project) => [
      ...each(
        ["Deployment"],
        (one) => isTraefik(one) || is(one, "spec.template.spec.automountServiceAccountToken", false),
      )(objects, project),
      ...each(
        ["ServiceAccount"],
        (one) =>
          /traefik|perch-router/.test(one.metadata?.name ?? "") ||
          is(one, "automountServiceAccountToken", false),
      )(objects, project),
    ],
    mistakes: [
      [/"spec":\{"automountServiceAccountToken":false,/, '"spec":{'],
      [/,"automountServiceAccountToken":false\}/, "}"],
    ],
  },
  {
    claim: "every container requests CPU and memory, and is bounded in memory",
    violations: each(["Deployment"], (deployment) =>
      containers(deployment).every(
        (one) =>
          get(one, "resources", "requests", "cpu") !== undefined &&
          get(one, "resources", "requests", "memory") !== undefined &&
          get(one, "resources", "limits", "memory") !== undefined,
      ),
    ),
    mistakes: [
      [/"requests":\{"cpu":"50m",/, '"requests":{'],
      [/,"limits":\{"memory":"256Mi"\}/, ""],
    ],
  },
  {
    claim: "replicas spread over nodes, and probes tell when a pod is ready and alive",
    violations: each(
      ["Deployment"],
      (deployment) =>
        isTraefik(deployment) ||
        (list(deployment, "spec", "template", "spec", "topologySpreadConstraints").length > 0 &&
          containers(deployment).every(
            (one) => one.readinessProbe !== undefined && one.livenessProbe !== undefined,
          )),
    ),
    mistakes: [
      [/"topologySpreadConstraints":/, '"x":'],
      [/"readinessProbe":\{"grpc"/, '"x":{"grpc"'],
      [/"livenessProbe":/, '"x":'],
    ],
  },
  {
    claim:
      "a gRPC port says kubernetes.io/h2c: grpc would make it opaque TCP to Linkerd, and canary calls would reach stable",
    violations: each(["Service"], (service) =>
      list(service, "spec", "ports").every(
        ({ name, appProtocol }) =>
          appProtocol !== "grpc" && (name !== "grpc" || appProtocol === "kubernetes.io/h2c"),
      ),
    ),
    mistakes: [
      [/"appProtocol":"kubernetes\.io\/h2c"/, '"appProtocol":"grpc"'],
      [/,"appProtocol":"kubernetes\.io\/h2c"/, ""],
    ],
  },
  {
    claim: "callers dial the whole name of an apex Service: short names fail from the namespaces of canaries",
    violations: (objects, { services, cluster }) =>
      [...services.values()].flatMap(({ name, calls }) => {
        const [container] = ofKind(objects, "Deployment")
          .filter(({ metadata }) => metadata?.name === name)
          .flatMap(containers);
        return [...calls].flatMap(([variable, callee]) => {
          const wanted = `${callee}.${cluster.namespace}.svc.cluster.local:${services.get(callee)?.port}`;
          const given = list(container, "env").find((one) => one.name === variable)?.value;
          return given === wanted ? [] : [`${name}: ${variable} is ${given}`];
        });
      }),
    mistakes: [
      [/"value":"([a-z]+)\.[a-z]+\.svc\.cluster\.local:/, '"value":"$1:'],
      [/\.svc\.cluster\.local:50051/, ".svc.cluster.local:1"],
    ],
  },
];
