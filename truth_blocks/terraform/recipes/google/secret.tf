# makes: a secret in Secret Manager; its value is set outside Terraform
# asks: Which program reads the secret?
# output: secret_id | google_secret_manager_secret.recipe_name.id | Id of the secret
resource "google_secret_manager_secret" "recipe_name" {
  secret_id = var.name

  replication {
    auto {
    }
  }
}
