/**
 * A client of container engines, by the Docker Engine API: Docker 20.10 and later, Podman 4.3 and later.
 *
 * @example
 * await using engine = await Engine.open();
 * const { image } = await engine.images.ensure('nginx:1.29');
 * const { id } = await engine.containers.create({ name: 'web', image: image.id, network: { kind: 'none' } });
 * const { exit } = await engine.containers.start(id);
 *
 * @module
 */
export { engineReason, engineStatus, isEngineGone } from './api/engine-error.ts';
export {
  type Containers,
  type CreatedContainer,
  isNameTaken,
  type LogOptions,
  type StartedContainer,
} from './containers/containers.ts';
export type { ExecOptions, ExecResult } from './containers/exec.ts';
export type { LogLine } from './containers/frames.ts';
export type {
  ContainerLimits,
  ContainerMount,
  ContainerNetwork,
  ContainerSecurity,
  ContainerSpec,
  NetworkMember,
  PublishedPort,
  SharedNamespace,
} from './containers/spec.ts';
export type { Container, ContainerState, ListedContainer, PortOnHost } from './containers/state.ts';
export { Engine, type OpenEngineOptions } from './engine.ts';
export type { EngineEvent, EngineNotice } from './events.ts';
export type { EngineFacts } from './facts.ts';
export type { Candidate, FindContext } from './find/candidates.ts';
export { mayHaveEngine } from './find/presence.ts';
export { type AuthEntries, parseDockerConfigJson } from './images/credentials.ts';
export { emulationNote, type Image, type ImageConfig } from './images/image.ts';
export type { BuildOptions, EnsuredImage, EnsureOptions, Images, PullOptions } from './images/images.ts';
export { classifyPullFailure, type PullFailure } from './images/pull-failure.ts';
export {
  decidePull,
  type PullDecision,
  type PullOverride,
  type PullPolicy,
} from './images/pull-policy.ts';
export type { PullProgress } from './images/pull-progress.ts';
export { type ImageReference, parseReference, referenceText } from './images/reference.ts';
export {
  type ContainerRole,
  containerLabels,
  containerName,
  LABELS,
  type ObjectOwner,
  objectName,
  ownerLabels,
  ownerOf,
  roleOf,
  specHash,
} from './names.ts';
export type { Network, NetworkSpec, Networks } from './networks/networks.ts';
export { chooseSubnet, type SubnetPlan } from './networks/subnets.ts';
export { sweep } from './sweep.ts';
export { type TarEntry, type TarFile, tarChunks, tarOf } from './tar.ts';
export type { Volume, VolumeSpec, VolumeStorage, Volumes } from './volumes.ts';
