# makes: a managed identity with one role on one scope
# needs: group
# assumes: Nothing can sign in as this identity but the resources you give it to.
# asks: Which resource uses the identity?
# output: identity_client_id | azurerm_user_assigned_identity.recipe_name.client_id | Client id of the identity
resource "azurerm_user_assigned_identity" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name
}

resource "azurerm_role_assignment" "recipe_name_identity" {
  scope                = azurerm_resource_group.recipe_name.id
  role_definition_name = var.role_name
  principal_id         = azurerm_user_assigned_identity.recipe_name.principal_id
}
