# makes: a secret in a key vault of its own; its value comes from a variable and is not kept in the state
# needs: group vault
# asks: Which program reads the secret?
# output: secret_id | azurerm_key_vault_secret.recipe_name.versionless_id | Id of the secret
resource "azurerm_key_vault_secret" "recipe_name" {
  name             = "${var.name}-secret"
  key_vault_id     = azurerm_key_vault.recipe_name.id
  value_wo         = var.secret_value
  value_wo_version = 1
}
