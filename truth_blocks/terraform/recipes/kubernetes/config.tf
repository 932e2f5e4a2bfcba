# makes: a config map with the entries you give
# assumes: The cluster is reached through a kubeconfig file; nothing secret belongs into a config map.
# output: config_map | kubernetes_config_map_v1.recipe_name.metadata[0].name | Name of the config map
resource "kubernetes_config_map_v1" "recipe_name" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  data = var.entries
}
