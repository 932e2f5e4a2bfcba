# makes: a namespace that admits only pods without privileges
# assumes: The cluster is reached through a kubeconfig file.
# output: namespace | kubernetes_namespace_v1.recipe_name.metadata[0].name | Name of the namespace
resource "kubernetes_namespace_v1" "recipe_name" {
  metadata {
    name = var.name

    labels = {
      "pod-security.kubernetes.io/enforce" = "restricted"
    }
  }
}
