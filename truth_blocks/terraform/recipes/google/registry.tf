# makes: a private container registry (Artifact Registry) whose tags cannot be moved
# output: registry_id | google_artifact_registry_repository.recipe_name.id | Id of the registry
resource "google_artifact_registry_repository" "recipe_name" {
  repository_id = var.name
  location      = var.region
  format        = "DOCKER"

  docker_config {
    immutable_tags = true
  }
}
