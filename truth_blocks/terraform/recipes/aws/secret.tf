# makes: a secret in Secrets Manager; its value is set outside Terraform
# assumes: The value never stands in a file or in the state: set it in the console or by the command line.
# asks: Who may read the secret?
# output: secret_arn | aws_secretsmanager_secret.recipe_name.arn | ARN of the secret
resource "aws_secretsmanager_secret" "recipe_name" {
  name                    = var.name
  recovery_window_in_days = 30
}
