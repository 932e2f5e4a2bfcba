# makes: a custom IAM role with the permissions you name
# output: role_id | google_project_iam_custom_role.recipe_name.id | Id of the role
resource "google_project_iam_custom_role" "recipe_name" {
  role_id     = replace(var.name, "-", "_")
  title       = var.name
  permissions = var.permissions
}
