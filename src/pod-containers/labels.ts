/** Marks the volume of a claim, which outlives the instances that use it: `NAMESPACE/CLAIM`. */
export const CLAIM_LABEL = 'dev.switchboard.claim';
/** The folder of the manifests that declare a claim. */
export const MANIFESTS_LABEL = 'dev.switchboard.manifests';
