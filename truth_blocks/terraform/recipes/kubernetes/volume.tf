# makes: a claim on a persistent volume
# assumes: The cluster is reached through a kubeconfig file; its default storage class is used.
# asks: Is the storage class of the cluster encrypted?
# output: claim_name | kubernetes_persistent_volume_claim_v1.recipe_name.metadata[0].name | Name of the claim
resource "kubernetes_persistent_volume_claim_v1" "recipe_name" {
  wait_until_bound = false

  metadata {
    name      = var.name
    namespace = var.namespace
  }

  spec {
    access_modes = ["ReadWriteOnce"]

    resources {
      requests = {
        storage = "${var.disk_gb}Gi"
      }
    }
  }
}
