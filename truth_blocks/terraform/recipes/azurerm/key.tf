# makes: an encryption key in a key vault of its own, rotated every year
# needs: group vault
# output: key_id | azurerm_key_vault_key.recipe_name.versionless_id | Id of the key
resource "azurerm_key_vault_key" "recipe_name" {
  name         = "${var.name}-key"
  key_vault_id = azurerm_key_vault.recipe_name.id
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["decrypt", "encrypt", "sign", "unwrapKey", "verify", "wrapKey"]

  rotation_policy {
    expire_after         = "P2Y"
    notify_before_expiry = "P30D"

    automatic {
      time_after_creation = "P1Y"
    }
  }
}
