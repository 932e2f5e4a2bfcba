# makes: a Linux virtual machine with secure boot, an SSH key and no public address
# needs: group
# assumes: The newest Debian image is used; people sign in with the SSH key, never with a password.
# assumes: Nothing reaches the machine from outside until its subnet's security group lets it.
# asks: Who has to reach the machine, from which networks and on which ports?
# output: instance_id | azurerm_linux_virtual_machine.recipe_name.id | Id of the machine
resource "azurerm_network_interface" "recipe_name_instance" {
  name                = "${var.name}-nic"
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name

  ip_configuration {
    name                          = "internal"
    subnet_id                     = var.subnet_id
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_linux_virtual_machine" "recipe_name" {
  name                            = var.name
  location                        = azurerm_resource_group.recipe_name.location
  resource_group_name             = azurerm_resource_group.recipe_name.name
  size                            = var.machine_size
  admin_username                  = "azureuser"
  disable_password_authentication = true
  secure_boot_enabled             = true
  vtpm_enabled                    = true
  network_interface_ids           = [azurerm_network_interface.recipe_name_instance.id]

  admin_ssh_key {
    username   = "azureuser"
    public_key = var.ssh_public_key
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "StandardSSD_LRS"
    disk_size_gb         = var.disk_gb
  }

  source_image_reference {
    publisher = "Debian"
    offer     = "debian-12"
    sku       = "12-gen2"
    version   = "latest"
  }
}
