# makes: a key vault with role-based access that cannot be purged
# needs: group
# assumes: Deleted secrets can be restored for ninety days.
# asks: Who reads and who writes secrets?
# output: vault_uri | azurerm_key_vault.recipe_name.vault_uri | Address of the key vault
data "azurerm_client_config" "recipe_name" {
}

resource "azurerm_key_vault" "recipe_name" {
  name                       = var.name
  location                   = azurerm_resource_group.recipe_name.location
  resource_group_name        = azurerm_resource_group.recipe_name.name
  tenant_id                  = data.azurerm_client_config.recipe_name.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true
  soft_delete_retention_days = 90

  network_acls {
    default_action = "Deny"
    bypass         = "AzureServices"
  }
}
