# makes: a secret with the entries you give
# assumes: The cluster is reached through a kubeconfig file.
# asks: The entries will stand in Terraform's state: who may read the state?
# output: secret_name | kubernetes_secret_v1.recipe_name.metadata[0].name | Name of the secret
resource "kubernetes_secret_v1" "recipe_name" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  data = var.secret_entries
}
